using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
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
                // Each is written as it is found: a server that does not answer is waited for.
                await foreach (var finding in ExamineAsync(services, interruption.Token))
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

            Conclude(findings, json);
            return findings.Any(finding => finding.Level is FindingLevel.Error) ? ExitCode.Unhealthy : ExitCode.Ok;
        });

    /// <summary>For people; wrapped between words where it is wider than the screen.</summary>
    public static IEnumerable<string> Lines(Finding finding, int width)
    {
        var text = PeerText.Escape(finding.Text)
            + (finding.Remedy is { } remedy ? $" → {PeerText.Escape(remedy)}" : "");
        var front = $"{NameOf(finding.Level),-8} {finding.Check,-23} ";
        return front.Length + text.Length <= width
            ? [front + text]
            : Terminal.Wrap(text, width - Indent.Length).Select(line => Indent + line).Prepend(front.TrimEnd());
    }

    private static async IAsyncEnumerable<Finding> ExamineAsync(
        IServiceProvider services, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var finding in SettingsExam.Examine(services))
            yield return finding;
        await foreach (var finding in new PostgresExam(services).ExamineAsync(cancellationToken))
            yield return finding;
        await foreach (var finding in new RabbitExam(services).ExamineAsync(cancellationToken))
            yield return finding;
    }

    private static void Conclude(List<Finding> findings, bool json)
    {
        var errors = findings.Count(finding => finding.Level is FindingLevel.Error);
        var warnings = findings.Count(finding => finding.Level is FindingLevel.Warning);
        if (json)
        {
            JsonScreen.Write(new JsonObject
            {
                ["errors"] = errors, ["warnings"] = warnings, ["findings"] = new JsonArray([.. findings.Select(Json)]),
            });
        }
        else
        {
            Console.WriteLine($"{errors} {(errors == 1 ? "error" : "errors")}, "
                + $"{warnings} {(warnings == 1 ? "warning" : "warnings")}");
        }
    }

    private static JsonObject Json(Finding finding) => new()
    {
        ["check"] = finding.Check, ["level"] = NameOf(finding.Level), ["text"] = finding.Text,
        ["remedy"] = finding.Remedy,
    };

    private static string NameOf(FindingLevel level) => JsonNamingPolicy.CamelCase.ConvertName(level.ToString());
}
