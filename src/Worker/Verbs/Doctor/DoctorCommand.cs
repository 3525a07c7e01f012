using System.CommandLine;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Doctor;

/// <summary>The command line of <c>doctor</c>.</summary>
internal static class DoctorCommand
{
    /// <summary>The verb.</summary>
    public static Command Build()
    {
        var json = OptionSyntax.Flag("--json", "Write JSON");
        const string description =
            "Examine settings, servers, rights and queues, and say what to do about each finding";
        return Verb.Of("doctor", description, (given, settings) =>
            DoctorVerb.RunAsync(settings, given.GetValue(json)), json);
    }
}
