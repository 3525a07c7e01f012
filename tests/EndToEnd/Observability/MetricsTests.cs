using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Observability;

public sealed class MetricsTests(MeasuredWorker measured) : IClassFixture<MeasuredWorker>
{
    // Prometheus makes it itself.
    private static readonly string[] NotOurs = ["up"];

    [Fact]
    public async Task Every_metric_that_the_dashboard_and_the_alerts_name_is_there_with_its_labels()
    {
        var metrics = await Scrape.OfAsync(measured.Worker, text => text.Contains("call-started_error\"} 1", StringComparison.Ordinal));

        var named = Deployed.DashboardQueries.Select(query => query.Query).Concat(Deployed.OtherDashboardQueries).Concat(Deployed.AlertQueries).SelectMany(Deployed.MetricsOf)
            .Where(metric => !NotOurs.Contains(metric.Name)).ToList();
        Assert.True(named.Count > 40, $"only {named.Count} were found in the files");
        Assert.All(named, metric => Assert.True(
            metrics.Any(line => line.StartsWith(metric.Name + "{", StringComparison.Ordinal) && metric.Labels.All(label => line.Contains(label + "=\"", StringComparison.Ordinal))),
            $"{metric.Name} with {string.Join(", ", metric.Labels)}"));
    }

    [Fact]
    public async Task What_has_happened_is_what_is_counted()
    {
        var metrics = await Scrape.OfAsync(measured.Worker, text => text.Contains("call-started_error\"} 1", StringComparison.Ordinal)
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
        Assert.Contains(metrics, line => line.StartsWith("voice_worker_queue_consumers{", StringComparison.Ordinal)
            && line.Contains("\"voice-worker.call-started\",voice_queue_role=\"input\"", StringComparison.Ordinal) && line.EndsWith(" 1", StringComparison.Ordinal));
        Assert.Contains("voice_worker_audit_held{otel_scope_name=\"VoiceWorker\"} 0", metrics);
        Assert.Contains("voice_worker_ready{otel_scope_name=\"VoiceWorker\"} 1", metrics);
    }

    private static List<string> ValuesOf(IEnumerable<string> metrics, string name, string label) =>
    [
        .. metrics.Where(line => line.StartsWith(name + "{", StringComparison.Ordinal))
            .Select(line => line.Split(label + "=\"")[1].Split('"')[0] + line[line.LastIndexOf(' ')..]).OrderBy(value => value.Split(' ')[0], StringComparer.Ordinal),
    ];
}
