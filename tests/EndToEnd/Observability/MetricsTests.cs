using System.Text.RegularExpressions;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Observability;

public sealed partial class MetricsTests(TestServers servers)
{
    // Prometheus makes it itself.
    private static readonly string[] NotOurs = ["up"];

    [Fact]
    public async Task Every_metric_that_the_dashboard_and_the_alerts_name_is_there_with_its_labels()
    {
        await using var worker = await RunningWorker.StartAsync(servers, "--Observability:Interval=00:00:00.5");
        await Traffic.RunAsync(worker, calls: 150);
        var metrics = await ScrapeAsync(worker, text => text.Contains("call-started_error\"} 1", StringComparison.Ordinal));

        var named = Deployed.DashboardQueries.Select(query => query.Query).Concat(Deployed.AlertQueries).SelectMany(Deployed.MetricsOf)
            .Where(metric => !NotOurs.Contains(metric.Name)).ToList();
        Assert.True(named.Count > 40, $"only {named.Count} were found in the files");
        Assert.All(named, metric => Assert.True(
            metrics.Any(line => line.StartsWith(metric.Name + "{", StringComparison.Ordinal) && metric.Labels.All(label => line.Contains(label + "=\"", StringComparison.Ordinal))),
            $"{metric.Name} with {string.Join(", ", metric.Labels)}"));
    }

    [Fact]
    public async Task What_has_happened_is_what_is_counted()
    {
        await using var worker = await RunningWorker.StartAsync(servers, "--Observability:Interval=00:00:00.5");
        await Traffic.RunAsync(worker, calls: 120);
        var metrics = await ScrapeAsync(worker, text => text.Contains("call-started_error\"} 1", StringComparison.Ordinal)
            && text.Contains("audit_published_total{otel_scope_name=\"VoiceWorker\"} 123", StringComparison.Ordinal));

        // Of 120 calls 20 are for businesses that are not there, one each finds no voice and one that cannot be spoken.
        Assert.Equal(["businessVoice 98", "databaseUnavailable 0", "noVoice 1", "unknownBusiness 20", "unsupportedVoice 1"],
            ValuesOf(metrics, "voice_worker_calls_total", "voice_reason"));
        Assert.Equal(["superseded 0", "unknownBusiness 0", "unsupportedVoice 1", "updated 1"],
            ValuesOf(metrics, "voice_worker_changes_total", "voice_outcome"));
        Assert.Equal(["voice-worker.business-voice-changed 2", "voice-worker.call-started 120", "voice-worker.call-started 1"],
            ValuesOf(metrics, "messaging_process_duration_seconds_count", "messaging_destination_name"), StringComparer.Ordinal);
        Assert.Equal(["failed 0", "pending 0", "running 0", "verified 1"],
            ValuesOf(metrics, "voice_worker_migration_state", "voice_migration_state"));
        Assert.Equal(["audit 0", "decisions 0"], ValuesOf(metrics, "voice_worker_retention_removed_total", "voice_retention_store"));
        Assert.Contains(metrics, line => line.StartsWith("voice_worker_reply_duration_seconds_count", StringComparison.Ordinal) && line.EndsWith(" 120", StringComparison.Ordinal));
        Assert.Contains("voice_worker_relay_leader{otel_scope_name=\"VoiceWorker\"} 1", metrics);
        Assert.Contains("voice_worker_ready{otel_scope_name=\"VoiceWorker\"} 1", metrics);
    }

    [Fact]
    public async Task Who_does_not_want_to_be_scraped_is_not()
    {
        await using var worker = await RunningWorker.StartUnboundAsync(servers, "--Observability:Prometheus=false");
        using var client = new HttpClient();

        using var answer = await client.GetAsync(new Uri(worker.Process.Http, "/metrics"), Token);

        Assert.Equal(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Events_that_nobody_takes_become_old()
    {
        await using var worker = await RunningWorker.StartUnboundAsync(servers, "--Observability:Interval=00:00:00.5");

        await ScrapeAsync(worker, text => Age().Match(text) is { Success: true } age
            && double.Parse(age.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) > 1);
    }

    // Until it says what was done: the worker looks at ages and dead letters every half second.
    private static async Task<IReadOnlyList<string>> ScrapeAsync(RunningWorker worker, Func<string, bool> isComplete)
    {
        using var client = new HttpClient();
        var text = "";
        var complete = await Polling.UntilAsync(async token =>
        {
            text = await client.GetStringAsync(new Uri(worker.Process.Http, "/metrics"), token);
            return isComplete(text);
        }, TimeSpan.FromSeconds(20), Token);
        Assert.True(complete, text);
        return text.Split('\n');
    }

    private static List<string> ValuesOf(IEnumerable<string> metrics, string name, string label) =>
    [
        .. metrics.Where(line => line.StartsWith(name + "{", StringComparison.Ordinal))
            .Select(line => line.Split(label + "=\"")[1].Split('"')[0] + line[line.LastIndexOf(' ')..]).OrderBy(value => value.Split(' ')[0], StringComparer.Ordinal),
    ];

    [GeneratedRegex(@"voice_worker_audit_unpublished_age_seconds\{[^}]*\} ([\d.]+)")]
    private static partial Regex Age();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
