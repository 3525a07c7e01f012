using System.CommandLine;
using VoiceWorker.Persistence;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Doctor;

/// <summary>The command line of <c>doctor</c>.</summary>
internal static class DoctorCommand
{
    public static Command Build()
    {
        var json = OptionSyntax.Flag("--json", "Write JSON");
        const string description =
            "Examine settings, servers, rights and queues, and say what to do about each finding";
        return Verb.Of("doctor", description, (given, settings) =>
            DoctorVerb.RunAsync(settings, given.GetValue(json)), json);
    }
}

/// <summary><c>doctor</c>: everything that a worker needs, examined without changing anything.</summary>
internal static class DoctorVerb
{
    private const string Indent = "    ";

    public static Task<int> RunAsync(string[] settings, bool json) =>
        Tools.WithoutServersAsync(settings, async services =>
        {
            using var interruption = new Interruption();
            var findings = new List<Finding>();
            try
            {
                await foreach (var finding in Examination.ExamineAsync(services, interruption.Token))
                {
                    findings.Add(finding);
                    if (!json)
                        Lines(finding, Terminal.Width).ToList().ForEach(Console.WriteLine);
                }
            }
            catch (Exception) when (interruption.Token.IsCancellationRequested)
            {
                return ExitCode.Interrupted;
            }

            if (json)
                JsonScreen.Write(Examination.Json(findings));
            else
                Console.WriteLine(Examination.Conclusion(findings));
            return findings.Any(finding => finding.Level is FindingLevel.Error) ? ExitCode.Unhealthy : ExitCode.Ok;
        });

    /// <summary>For people; wrapped between words where it is wider than the screen.</summary>
    public static IEnumerable<string> Lines(Finding finding, int width)
    {
        var text = PeerText.Escape(finding.Text)
            + (finding.Remedy is { } remedy ? $" → {PeerText.Escape(remedy)}" : "");
        var front = $"{Examination.NameOf(finding.Level),-8} {finding.Check,-23} ";
        return front.Length + text.Length <= width
            ? [front + text]
            : Terminal.Wrap(text, width - Indent.Length).Select(line => Indent + line).Prepend(front.TrimEnd());
    }
}
