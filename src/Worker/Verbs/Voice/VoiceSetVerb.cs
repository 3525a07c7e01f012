using VoiceWorker.Contracts;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Voice;

/// <summary><c>voice set</c>: another voice for a business.</summary>
internal static class VoiceSetVerb
{
    public static Task<int> RunAsync(string[] settings, int businessId, string voiceId, bool json, OperatorAct act) =>
        Tools.WithSchemaAsync(settings, async services => Tell(
            await VoiceSet.RunAsync(
                services, businessId, voiceId, act, Console.Error.WriteLine, CancellationToken.None), json));

    private static int Tell(SetVoice set, bool json)
    {
        var isMade = set.Result.Outcome is ChangeOutcome.Updated;
        if (json)
            JsonScreen.Write(set.ToJson());
        else if (isMade)
            Console.WriteLine(set.Text);
        if (isMade)
            return ExitCode.Ok;
        Console.Error.WriteLine(set.Text);
        return ExitCode.Rejected;
    }
}
