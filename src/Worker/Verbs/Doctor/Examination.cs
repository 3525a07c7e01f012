using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VoiceWorker.Verbs.Doctor;

/// <summary>Everything that a worker needs, examined without changing anything.</summary>
internal static class Examination
{
    /// <summary>Each finding as it is found: a server that does not answer is waited for.</summary>
    public static async IAsyncEnumerable<Finding> ExamineAsync(
        IServiceProvider services, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var finding in SettingsExam.Examine(services))
            yield return finding;
        await foreach (var finding in new PostgresExam(services).ExamineAsync(cancellationToken))
            yield return finding;
        await foreach (var finding in new RabbitExam(services).ExamineAsync(cancellationToken))
            yield return finding;
    }

    /// <summary>All of them with their counts.</summary>
    public static JsonObject Json(IReadOnlyCollection<Finding> findings) => new()
    {
        ["errors"] = CountOf(findings, FindingLevel.Error), ["warnings"] = CountOf(findings, FindingLevel.Warning),
        ["findings"] = new JsonArray([.. findings.Select(Json)]),
    };

    /// <summary>How many there are, in words.</summary>
    public static string Conclusion(IReadOnlyCollection<Finding> findings)
    {
        var (errors, warnings) = (CountOf(findings, FindingLevel.Error), CountOf(findings, FindingLevel.Warning));
        return $"{errors} {(errors == 1 ? "error" : "errors")}, "
            + $"{warnings} {(warnings == 1 ? "warning" : "warnings")}";
    }

    /// <summary>A level on screens and in JSON.</summary>
    public static string NameOf(FindingLevel level) => JsonNamingPolicy.CamelCase.ConvertName(level.ToString());

    private static int CountOf(IEnumerable<Finding> findings, FindingLevel level) =>
        findings.Count(finding => finding.Level == level);

    private static JsonObject Json(Finding finding) => new()
    {
        ["check"] = finding.Check, ["level"] = NameOf(finding.Level), ["text"] = finding.Text,
        ["remedy"] = finding.Remedy,
    };
}
