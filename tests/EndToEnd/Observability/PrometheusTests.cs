using System.Globalization;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Observability;

[FullRun]
public sealed class PrometheusTests(TestServers servers)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>With VOICE_QUERY_RESULTS it writes what docs/observability.md shows.</summary>
    [Fact]
    public async Task Every_query_of_the_dashboard_has_an_answer_from_a_worker_under_load()
    {
        await using var worker = await RunningWorker.StartAsync(servers, "--Observability:Interval=00:00:01");
        await using var prometheus = await LocalPrometheus.LaunchAsync(
            Configuration(worker.Process.Http), new() { Progress = Console.Error.WriteLine }, Token);

        var results = new Dictionary<(string, string), string>();
        var round = 0;
        var answered = await Polling.UntilAsync(async token =>
        {
            await Traffic.RunAsync(worker, calls: 240, round++);
            foreach (var query in Deployed.DashboardQueries)
                results[query] = await AskAsync(prometheus, query.Query, token);
            return results.Values.All(result => result.Length > 0);
        }, Patience, Token);

        Assert.True(answered, string.Join('\n', results.Where(result => result.Value.Length == 0).Select(result => result.Key)));
        if (Environment.GetEnvironmentVariable("VOICE_QUERY_RESULTS") is { Length: > 0 } file)
            await File.WriteAllLinesAsync(file, results.Select(result => $"| {result.Key.Item1} | `{result.Key.Item2.Replace("|", "\\|", StringComparison.Ordinal)}` | {result.Value} |"), Token);
        Assert.Empty(await prometheus.QueryAsync("ALERTS{alertstate=\"firing\",alertname!~\"VoiceWorkerDeadLetters.*\"}", Token));
    }

    // As deployed, with this worker in place of the one in the compose file, and looked at every second.
    private static string Configuration(Uri worker) => File.ReadAllText(Path.Combine(Deployed.Folder, "prometheus", "prometheus.yml"))
        .Replace("worker:8080", worker.Authority, StringComparison.Ordinal)
        .Replace("interval: 5s", "interval: 1s", StringComparison.Ordinal)
        .Replace("alerts.yml", CopyForEverybody("alerts.yml"), StringComparison.Ordinal);

    // Prometheus has a user of its own, who may not look into our folders.
    private static string CopyForEverybody(string file)
    {
        var copy = Path.Combine(Path.GetTempPath(), $"voice-{Guid.NewGuid():N}.yml");
        File.Copy(Path.Combine(Deployed.Folder, "prometheus", file), copy);
        return copy;
    }

    private static async Task<string> AskAsync(LocalPrometheus prometheus, string query, CancellationToken cancellationToken)
    {
        var series = await prometheus.QueryAsync(query.Replace("$__rate_interval", "15s", StringComparison.Ordinal)
            .Replace("$job", "voice-worker", StringComparison.Ordinal).Replace("$instance", ".*", StringComparison.Ordinal), cancellationToken);
        return string.Join("; ", series.Where(one => double.IsFinite(one.Value)).Select(one =>
            string.Join(' ', one.Labels.Where(label => label.Key is not ("instance" or "job" or "__name__" or "otel_scope_name"))
                .Select(label => label.Value).Append(one.Value.ToString("G4", CultureInfo.InvariantCulture)))));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
