using VoiceWorker.Contracts;
using VoiceWorker.Verbs.Shell;
using VoiceWorker.Verbs.Voice;
using VoiceWorker.WebConsole.Access;

namespace VoiceWorker.WebConsole.Acts;

/// <summary>Another voice for a business, as <c>voice set</c> does it.</summary>
internal static class VoiceForms
{
    public static void MapVoices(this IEndpointRouteBuilder acts) =>
        acts.MapJob("/voice/set", Roles.Admin, "Change of voice", asked =>
        {
            var business = asked.Whole("business", 1, int.MaxValue)
                ?? throw new SettingsException("business must be a whole number from 1 to 2147483647.");
            var voice = asked.Needed("voice");
            var act = asked.Act("voice set");
            return async job =>
            {
                var set = await VoiceSet.RunAsync(
                    asked.Services, business, voice, act, why => job.Progress = why, job.Interruption);
                return new JobResult(
                    set.Result.Outcome is ChangeOutcome.Updated ? VerdictOf.Good : VerdictOf.Bad, set.Text);
            };
        });
}
