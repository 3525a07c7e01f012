using System.CommandLine;
using VoiceWorker.Contracts.Validation;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Voice;

/// <summary>The command line of <c>voice</c>.</summary>
internal static class VoiceCommand
{
    public static Command Build() =>
        Verb.Group("voice", "The voice of a business: give it another, as a recorded change", BuildSet());

    private static Command BuildSet()
    {
        var business = new Option<int?>("--business") { Description = "The business", Required = true }
            .NeedsWhole(1, int.MaxValue);
        var voice = new Option<string?>("--voice") { Description = "A voice of Voices:Available", Required = true }
            .Needs(
                $"1–{ContractRules.MaxVoiceIdLength} printable characters",
                text => ContractSyntax.IsVoiceId(text) ? text : null);
        var note = OperatorAct.NoteOption();
        var json = OptionSyntax.Flag("--json", "Write JSON");
        const string description = "Change the voice of a business as of now, like a BusinessVoiceChanged";
        return Verb.Of("set", description, (given, settings) =>
            VoiceSetVerb.RunAsync(
                settings, given.GetValue(business)!.Value, given.GetValue(voice)!, given.GetValue(json),
                OperatorAct.Of(given, note)),
            business, voice, note, json);
    }
}
