using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Persistence.Retention;
using VoiceWorker.Tests.Integration.Bus;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs;

/// <summary>What was removed because of its age is not missed, and what is gone besides is found.</summary>
public sealed class AuditVerifyRetentionTests(TestServers servers) : IAsyncLifetime
{
    private RunningWorker _worker = null!;

    private LegacyDatabase Database => _worker.Database;

    /// <summary>Of the first traffic decisions and events are gone, of CA-4 and CA-5 only the decisions; CA-4 was decided anew.</summary>
    public async ValueTask InitializeAsync()
    {
        _worker = await RunningWorker.StartAsync(servers);
        await RecordedTraffic.RecordAsync(_worker);
        await AgeAsync(days: 4);
        await CallAsync(("CA-4", 7), ("CA-5", 8));
        await AgeAsync(days: 3);
        await _worker.Process.TerminateAsync(Token);
        await RemoveAsync();
        // The first would remember that it has answered CA-4.
        await using var second = WorkerProcess.Start(
            WorkerProcess.Dll, RunningWorker.Connections(Database.WorkerConnectionString, servers), ["run"]);
        await second.WaitReadyAsync(Token);
        await CallAsync(("CA-4", 7), ("CA-6", 7));
        await second.TerminateAsync(Token);
    }

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Fact]
    public async Task After_a_retention_round_there_is_no_difference()
    {
        var (code, output) = await VerbUnderTest.RunAsync(servers, Database, "audit", "verify");

        // The change that stands, the migration and two calls; two events whose decisions are gone, and two later ones.
        Assert.Equal((0, "4 rows, 4 events and 0 in the outbox: 0 differences"), (code, output));
    }

    [Theory]
    [InlineData("DELETE FROM voice.call_voice WHERE call_id = 'CA-6'", "rowMissing: call CA-6 of business 7: the row of event ")]
    [InlineData("DELETE FROM voice_audit.mt_events WHERE data->>'callId' = 'CA-6'",
        "streamEndDiffers: stream business-7 has got 7 events, and the last that is there is 6", "eventMissing: call CA-6 of business 7")]
    [InlineData("DELETE FROM voice_audit.mt_events WHERE stream_id = 'business-7' AND version = 6",
        "sequenceBroken: stream business-7: sequence 6 is missing", "eventMissing: call CA-4 of business 7")]
    [InlineData("DELETE FROM voice_audit.mt_events WHERE stream_id = 'business-7' AND version = 5",
        "removalImplausible: 7 events are gone from the beginnings of streams, and voice.retention has removed 6")]
    [InlineData("DELETE FROM voice_audit.mt_events WHERE stream_id = 'business-8'",
        "removalImplausible: 7 events are gone from the beginnings of streams, and voice.retention has removed 6")]
    [InlineData("DELETE FROM voice.retention", "eventMissing: migration 58_add_business_voice_id", "sequenceBroken: stream business-8: sequence 1 is missing")]
    public async Task What_is_gone_besides_is_told(string deed, params string[] told)
    {
        await Database.ExecuteAsync(deed);

        var (code, output) = await VerbUnderTest.RunAsync(servers, Database, "audit", "verify");

        Assert.Equal(9, code);
        Assert.All(told, part => Assert.Contains(part, output, StringComparison.Ordinal));
    }

    private async Task CallAsync(params (string CallId, int BusinessId)[] calls)
    {
        foreach (var (callId, businessId) in calls)
            await _worker.Broker.AskAsync(Exchanges.CallStarted, CallStartedTests.Call(callId, businessId));
        await RecordedTraffic.AwaitCheckpointAsync(Database);
    }

    private Task AgeAsync(int days) => Database.ExecuteAsync($$"""
        UPDATE voice_audit.mt_events SET timestamp = timestamp - interval '{{days}} days', data = jsonb_set(
            data, '{occurredAt}', to_jsonb((data->>'occurredAt')::timestamptz - interval '{{days}} days'));
        UPDATE voice.call_voice SET decided_at = decided_at - interval '{{days}} days';
        UPDATE voice.business_voice_change SET decided_at = decided_at - interval '{{days}} days';
        UPDATE voice.migration_run
        SET started_at = started_at - interval '{{days}} days', completed_at = completed_at - interval '{{days}} days'
        """);

    private async Task RemoveAsync()
    {
        await Database.AllowRetentionAsync();
        await using var session = new NpgsqlConnection(Database.WorkerConnectionString);
        await session.OpenAsync(Token);
        foreach (var (store, days) in new[] { (RetentionStore.Decisions, 2), (RetentionStore.Audit, 5) })
        {
            await RetentionTable.RemoveAsync(
                session, store, TimeSpan.FromDays(days), TimeProvider.System.GetUtcNow(), 1_000, Token);
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
