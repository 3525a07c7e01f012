using System.CommandLine;
using VoiceWorker.Contracts.Validation;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Voice;

/// <summary>The command line of <c>voice</c>.</summary>
internal static class VoiceCommand
{
    public static Command Build() =>
        Verb.Group(
            "voice", "The voices of businesses: list them, or give one another, as a recorded change",
            BuildList(), BuildSet());

    private static Command BuildList()
    {
        var business = new Option<int?>("--business") { Description = "This one alone" }.NeedsWhole(1, int.MaxValue);
        var voice = NeedsVoice(new("--voice") { Description = "Those that have this voice stored" });
        var byDefault = OptionSyntax.Flag("--default", "Those whose calls get the default voice");
        var limit = OptionSyntax.Limit();
        var json = OptionSyntax.Flag("--json", "Write JSON");
        const string description = "Show what businesses have stored, and what their calls get";
        return Verb.Of("list", description, (given, settings) =>
            VoiceListVerb.RunAsync(
                settings, given.GetValue(business), given.GetValue(voice), given.GetValue(byDefault),
                given.GetValue(limit)!.Value, given.GetValue(json)),
            business, voice, byDefault, limit, json);
    }

    private static Command BuildSet()
    {
        var business = new Option<int?>("--business") { Description = "The business", Required = true }
            .NeedsWhole(1, int.MaxValue);
        var voice = NeedsVoice(new("--voice") { Description = "A voice of Voices:Available", Required = true });
        var note = OperatorAct.NoteOption();
        var json = OptionSyntax.Flag("--json", "Write JSON");
        const string description = "Change the voice of a business as of now, like a BusinessVoiceChanged";
        return Verb.Of("set", description, (given, settings) =>
            VoiceSetVerb.RunAsync(
                settings, given.GetValue(business)!.Value, given.GetValue(voice)!, given.GetValue(json),
                OperatorAct.Of(given, note)),
            business, voice, note, json);
    }

    private static Option<string?> NeedsVoice(Option<string?> option) => option.Needs(
        $"1–{ContractRules.MaxVoiceIdLength} printable characters",
        text => ContractSyntax.IsVoiceId(text) ? text : null);
}
