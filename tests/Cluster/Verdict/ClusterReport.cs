using System.Globalization;
using System.Text;

namespace VoiceWorker.Tests.Cluster.Verdict;

/// <summary>A table of all scripts, in Markdown.</summary>
public sealed class ClusterReport
{
    private const string Head =
        "| fault | runs | seconds, median / worst | after the servers were back | what was back last "
        + "| lost | doubled | gaps | sequences twice |\n"
        + "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";

    private readonly StringBuilder _rows = new();

    /// <summary>Where it goes: what VOICE_CLUSTER_REPORT names, or beside the suite.</summary>
    public static string File { get; } = Environment.GetEnvironmentVariable("VOICE_CLUSTER_REPORT")
        ?? Path.Combine(AppContext.BaseDirectory, "cluster.md");

    /// <summary>Adds a script.</summary>
    public void Add(string fault, IReadOnlyList<Recovery> runs, Tally tally)
    {
        var worst = runs.MaxBy(run => run.FromFault);
        _rows.AppendLine(string.Create(CultureInfo.InvariantCulture,
            $"| {fault} | {runs.Count} | {Figures(runs.Select(run => run.FromFault))} | "
            + $"{Figures(runs.Select(run => run.FromReturn))} | {worst?.Slowest} | "
            + $"{tally.Lost} | {tally.Doubled} | {tally.Gaps} | {tally.Twice} |"));
    }

    /// <summary>Writes what there is.</summary>
    public async Task WriteAsync()
    {
        if (_rows.Length == 0)
            return;
        var table = Head + _rows;
        await Console.Error.WriteLineAsync(table);
        await System.IO.File.WriteAllTextAsync(File, table);
    }

    private static string Figures(IEnumerable<TimeSpan> times)
    {
        var sorted = times.Select(time => time.TotalSeconds).Order().ToList();
        return sorted.Count == 0 ? "–" : string.Create(CultureInfo.InvariantCulture,
            $"{(sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2:0.0} / {sorted[^1]:0.0}");
    }
}

/// <summary>How one run came back.</summary>
/// <param name="FromFault">From the fault until nothing paused any more.</param>
/// <param name="FromReturn">The same from when the servers could be used again; from the fault where some always
/// could.</param>
/// <param name="Slowest">What was back last.</param>
public sealed record Recovery(TimeSpan FromFault, TimeSpan FromReturn, string Slowest);
