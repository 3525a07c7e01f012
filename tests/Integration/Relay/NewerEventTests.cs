using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Relay;
using VoiceWorker.Tests.Integration.Audit;
using VoiceWorker.Tests.Integration.Verbs;
using Xunit;

namespace VoiceWorker.Tests.Integration.Relay;

/// <summary>A newer version has recorded an event, and this one leads: it was not upgraded yet, or the newer one was
/// taken back.</summary>
public sealed class NewerEventTests(TestServers servers)
{
    private const string Newer = "CallVoiceForgotten";

    [Fact]
    public async Task In_the_outbox_it_is_named_calls_are_answered_and_the_newer_version_goes_on()
    {
        await using var worker = await RunningWorker.StartAsync(servers, "--Observability:Interval=00:00:00.5");
        await worker.Database.ExecuteAsync($$"""
            INSERT INTO voice.outbox (event_id, stream, type, body)
            VALUES (gen_random_uuid(), 'business-7', '{{Newer}}', '{"occurredAt":"2026-01-31T09:30:00.000000Z","lost":[],"isComplete":true}')
            """);
        await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-behind", 7));
        var told = $" (business-7, in the outbox) is of the type {Newer}, which this version of the worker does not know";

        await UntilAsync(async () => (await HealthAsync(worker)).Contains(told, StringComparison.Ordinal));
        await UntilAsync(async () => (await StatusAsync(worker))?.Contains(told, StringComparison.Ordinal) == true);
        Assert.Equal(2, await worker.Database.ScalarAsync<long>("SELECT count(*) FROM voice.outbox"));
        // As the version that knows it finds it.
        await worker.Database.ExecuteAsync($"UPDATE voice.outbox SET type = 'HistoryLost' WHERE type = '{Newer}'");

        await UntilAsync(async () => await StatusAsync(worker) is null);
        await UntilAsync(async () => await worker.Database.ScalarAsync<string>("""
            SELECT coalesce(string_agg(version || ' ' || type, ', ' ORDER BY version), '') FROM voice_audit.mt_events
            WHERE stream_id = 'business-7' AND seq_id <= (SELECT published_seq FROM voice.relay_checkpoint)
            """) == "1 history_lost, 2 call_voice_resolved");
    }

    [Fact]
    public async Task In_the_store_it_is_named_and_nothing_overtakes_it()
    {
        await using var stage = await RelayStage.SetAsync(servers);
        var queue = await stage.Broker.BindAsync(Exchanges.VoiceAudit);
        await stage.RecordAsync(Enumerable.Range(0, 3).Select(n => SampleEvents.Resolved(1, n)));
        await using (var session = await stage.Connections.OpenAsync(Token))
            await new Sequencer(stage.Store).SequenceAsync(session, 0, 10, advanceAlone: false, Token);
        await stage.Database.ExecuteAsync("UPDATE voice_audit.mt_events SET type = 'call_voice_forgotten' WHERE version = 2");
        await using var relay = new RelayUnderTest(servers.AmqpUri, stage, new AuditOptions());

        for (var round = 0; round < 3; round++)
        {
            var unknown = await Assert.ThrowsAsync<UnknownEventException>(() => relay.RunOnceAsync(Token));
            Assert.Contains("(business-1, 2) is of the type call_voice_forgotten", unknown.Message, StringComparison.Ordinal);
        }

        await stage.Database.ExecuteAsync("UPDATE voice_audit.mt_events SET type = 'call_voice_resolved' WHERE version = 2");
        await relay.RunUntilAsync(round => !round.MustGoOn);
        Assert.Equal(["1", "2", "3"], (await BrokerClient.TakeAsync(queue, 3)).Select(one => one.Field("sequence")));
    }

    private async Task<string?> StatusAsync(RunningWorker worker)
    {
        var (_, status) = await VerbUnderTest.ReadAsync(servers, worker.Database, "status");
        return (string?)status["postgres"]!["relay"]!["held"];
    }

    private static async Task<string> HealthAsync(RunningWorker worker)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(worker.Process.Http, "/health/ready"), Token);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds) =>
        Assert.True(await Polling.UntilAsync(_ => holds(), Waits.Longest, Token));

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
