using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace VoiceWorker.Tests.Fixtures;

/// <summary>What is in deploy/ for operators.</summary>
internal static partial class Deployed
{
    private static readonly string[] Words = ["and", "or", "unless", "by", "without", "on", "ignoring", "bool", "offset"];

    private static readonly string[] GivenByPrometheus = ["job", "instance"];

    public static string Folder { get; } = FindFolder();

    /// <summary>Every query of the dashboard, with the title of its panel.</summary>
    public static IReadOnlyList<(string Panel, string Query)> DashboardQueries { get; } =
    [
        .. JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "grafana", "dashboards", "voice-worker.json")))!["panels"]!.AsArray()
            .Where(panel => panel!["targets"] is not null)
            .SelectMany(panel => panel!["targets"]!.AsArray(), (panel, target) => ($"{panel!["title"]}", $"{target!["expr"]}")),
    ];

    /// <summary>Every query that marks something on the dashboard, or fills one of its lists.</summary>
    public static IReadOnlyList<string> OtherDashboardQueries { get; } =
    [
        .. new[] { ("annotations", "expr"), ("templating", "query") }.SelectMany(part => JsonNode.Parse(File.ReadAllText(
            Path.Combine(Folder, "grafana", "dashboards", "voice-worker.json")))![part.Item1]!["list"]!.AsArray().Select(one => $"{one![part.Item2]}"))
            .Where(query => query.Contains("voice_worker", StringComparison.Ordinal)).Select(query => query.Replace(", job)", ")", StringComparison.Ordinal)
                .Replace(", instance)", ")", StringComparison.Ordinal)),
    ];

    /// <summary>The alert rules.</summary>
    public static string Alerts { get; } = File.ReadAllText(Path.Combine(Folder, "prometheus", "alerts.yml"));

    /// <summary>Every expression of the alert rules: on the line of its name, or indented below it.</summary>
    public static IReadOnlyList<string> AlertQueries { get; } =
        [.. Expression().Matches(Alerts).Select(match => match.Groups["one"].Success ? match.Groups["one"].Value : match.Groups["more"].Value)];

    /// <summary>The metrics that a query names, with the labels that it selects each by.</summary>
    public static IEnumerable<(string Name, IReadOnlyList<string> Labels)> MetricsOf(string query) =>
        Metric().Matches(Grouping().Replace(query, "")).Where(match => !Words.Contains(match.Groups["name"].Value))
            .Select(match => (match.Groups["name"].Value,
                (IReadOnlyList<string>)[.. Label().Matches(match.Groups["labels"].Value).Select(label => label.Groups[1].Value).Where(label => !GivenByPrometheus.Contains(label))]));

    private static string FindFolder([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "..", "deploy"));

    [GeneratedRegex(@"^        expr: (\|\n(?<more>(          .*\n)+)|(?<one>.+)$)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Expression();

    [GeneratedRegex(@"\b(by|without|on|ignoring) \([^)]*\)")]
    private static partial Regex Grouping();

    // A name that is no function, and not within a range or a selector.
    [GeneratedRegex(@"(?<![\w:$\[{,""=~])(?<name>[a-zA-Z_:][\w:]*)(\{(?<labels>[^}]*)\})?(?![\w(])(?!\s*\()")]
    private static partial Regex Metric();

    [GeneratedRegex(@"(\w+)\s*[=!]")]
    private static partial Regex Label();
}
