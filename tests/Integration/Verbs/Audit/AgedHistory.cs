using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Retention;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Audit;

/// <summary>A history of which the oldest was removed because of its age. Of the first traffic decisions and events are
/// gone, of CA-4 and CA-5 only the decisions; CA-4 was decided anew. No worker runs on it.</summary>
public sealed class AgedHistory(TestServers servers) : IAsyncLifetime
{
    private RunningWorker _worker = null!;

    private LegacyDatabase Database => _worker.Database;

    /// <summary>A copy of it, of the test's own.</summary>
    public Task<LegacyDatabase> CopyAsync() => Database.CopyAsync(businesses: 0);

    public async ValueTask InitializeAsync()
    {
        // Sealed behind the first traffic: what no seal covers stays.
        _worker = await RunningWorker.StartAsync(servers, "--Audit:SealEvents=6");
        await RecordedTraffic.RecordAsync(_worker);
        await AgeAsync(days: 4);
        await CallAsync(("CA-4", 7), ("CA-5", 8));
        await AgeAsync(days: 3);
        await _worker.Process.TerminateAsync(Token);
        await RemoveAsync();
        // The first would remember that it has answered CA-4.
        await using var second = WorkerLauncher.Start(
            RunningWorker.Connections(Database.WorkerConnectionString, servers), ["run"]);
        await second.WaitReadyAsync(Token);
        await CallAsync(("CA-4", 7), ("CA-6", 7));
        await second.TerminateAsync(Token);
    }

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    private async Task CallAsync(params (string CallId, int BusinessId)[] calls)
    {
        foreach (var (callId, businessId) in calls)
            await _worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call(callId, businessId));
        await RecordedTraffic.AwaitCheckpointAsync(Database);
    }

    private async Task AgeAsync(int days)
    {
        await Database.ExecuteAsync($$"""
        UPDATE voice_audit.mt_events SET timestamp = timestamp - interval '{{days}} days', data = jsonb_set(
            data, '{occurredAt}', to_jsonb((data->>'occurredAt')::timestamptz - interval '{{days}} days'));
        UPDATE voice.call_voice SET decided_at = decided_at - interval '{{days}} days';
        UPDATE voice.business_voice_change SET decided_at = decided_at - interval '{{days}} days';
        UPDATE voice.migration_run
        SET started_at = started_at - interval '{{days}} days', completed_at = completed_at - interval '{{days}} days'
        """);
        await Database.RenewHashesAsync();
    }

    private async Task RemoveAsync()
    {
        await Database.AllowRetentionAsync();
        // Not pooled: who copies a database must be alone with it.
        var unpooled = new NpgsqlConnectionStringBuilder(Database.WorkerConnectionString) { Pooling = false };
        await using var session = new NpgsqlConnection(unpooled.ConnectionString);
        await session.OpenAsync(Token);
        foreach (var (store, days) in new[] { (RetentionStore.Decisions, 2), (RetentionStore.Audit, 5) })
        {
            await RetentionTable.RemoveAsync(
                session, store, TimeSpan.FromDays(days), TimeProvider.System.GetUtcNow(), 1_000, Token);
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
