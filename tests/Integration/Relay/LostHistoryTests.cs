using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Calls;
using VoiceWorker.Persistence.Verification;
using Xunit;

namespace VoiceWorker.Tests.Integration.Relay;

/// <summary>A standby that is behind what was published becomes the primary.</summary>
public sealed class LostHistoryTests(TestServers servers)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Who leads the relay afterwards.</summary>
    public enum Successor
    {
        /// <summary>The worker that led before.</summary>
        Same,

        /// <summary>One that stood by; the leader is gone with the primary.</summary>
        Other,

        /// <summary>One that is started when no other runs.</summary>
        New,
    }

    [Theory]
    [InlineData(Successor.Same)]
    [FullRunData(Successor.Other)]
    [FullRunData(Successor.New)]
    public async Task A_promoted_standby_that_is_behind_gives_no_sequence_twice(Successor successor)
    {
        await using var pair = await PromotedStandby.CreateAsync();
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        var consumer = await HeardEvents.BindAsync(broker);
        await PrepareAsync(pair, broker, consumer);
        await using var leader = await StartAsync(pair);
        await using var other = successor is Successor.Other ? await StartAsync(pair) : null;
        await AskAsync(broker, "lost", "coral");
        await consumer.ReadUntilAsync(_ => consumer.CountCalls("lost") == 4 && consumer.CountCalls("waiting") == 1);
        var kept = await pair.ReadAsync<Guid>(
            "SELECT id FROM voice_audit.mt_events UNION SELECT event_id FROM voice.outbox");
        var lost = consumer.Distinct.Where(told => !kept.Contains(told.EventId)).ToList();

        await pair.KillPrimaryAsync();
        if (successor is not Successor.Same)
            await leader.DisposeAsync();
        await pair.PromoteAsync();
        await using var fresh = successor is Successor.New ? await StartAsync(pair) : null;
        await broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-next-1", 1));
        await consumer.ReadUntilAsync(
            _ => consumer.CountCalls("next") == 1 && consumer.Distinct.OfType<HistoryLost>().Count() == 2);
        await AskAsync(broker, "later", "sage");
        await consumer.ReadUntilAsync(_ => consumer.CountCalls("later") == 4);
        await AssertPublishedAsync(pair);

        consumer.AssertTold(lost);
        Assert.Equal(5, lost.Count);
        var stored = await pair.ReadAsync<string>(
            "SELECT concat_ws(' ', stream_id, version, id) FROM voice_audit.mt_events");
        Assert.Equal(consumer.Distinct.Select(Place).ToHashSet(), stored.ToHashSet());
        var again = await broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-lost-9", 2));
        Assert.Equal("coral", again.Field("voiceId"));
        var later = consumer.Distinct.OfType<BusinessVoiceUpdated>().Single(one => one.VoiceId == "sage");
        Assert.Equal("coral", later.PreviousVoiceId);
        Assert.Contains(
            "5 published events of 2 streams", await HealthOfAsync(fresh ?? other ?? leader), StringComparison.Ordinal);
        Assert.Equal([2], await pair.ReadAsync<int>("SELECT history_timeline FROM voice.relay_checkpoint"));
        await AssertVerifiedAsync(pair);
    }

    [FullRun]
    [Fact]
    public async Task A_lost_seal_comes_back_and_the_next_one_goes_on_from_it()
    {
        const string seals = "--Audit:SealInterval=00:00:01";
        await using var pair = await PromotedStandby.CreateAsync();
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        var consumer = await HeardEvents.BindAsync(broker);
        await PrepareAsync(pair, broker, consumer);
        await using var worker = await StartAsync(pair, seals);
        await AskAsync(broker, "lost", "coral");
        await consumer.ReadUntilAsync(_ => consumer.CountCalls("lost") == 4 && consumer.Distinct.Last() is TrailSealed);
        var lost = consumer.Distinct.OfType<TrailSealed>().Last();

        await pair.KillPrimaryAsync();
        await pair.PromoteAsync();
        await consumer.ReadUntilAsync(_ => consumer.Distinct.OfType<HistoryLost>().Any(told => told.Stream == lost.Stream));
        await AskAsync(broker, "later", "sage");
        await consumer.ReadUntilAsync(_ => consumer.CountCalls("later") == 4 && consumer.Distinct.Last() is TrailSealed);
        await AssertPublishedAsync(pair);

        var next = consumer.Distinct.OfType<TrailSealed>().First(seal => seal.Sequence > lost.Sequence);
        Assert.Equal(
            (lost.Sequence + 2, lost.Root, lost.EventsInAll + next.Events),
            (next.Sequence, next.PreviousRoot, next.EventsInAll));
        await AssertVerifiedAsync(pair);
    }

    [FullRun]
    [Fact]
    public async Task Without_the_record_of_what_was_published_health_says_that_it_is_not_known()
    {
        await using var pair = await PromotedStandby.CreateAsync();
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        var consumer = await HeardEvents.BindAsync(broker);
        await PrepareAsync(pair, broker, consumer);
        await broker.AmqpChannel.QueueDeleteAsync("voice-worker.published", cancellationToken: Token);
        await pair.KillPrimaryAsync();
        await pair.PromoteAsync();

        await using var worker = await StartAsync(pair);
        await broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-later-1", 1));
        await consumer.ReadUntilAsync(_ => consumer.CountCalls("later") == 1);

        Assert.Contains("is not known", await HealthOfAsync(worker), StringComparison.Ordinal);
        Assert.Empty(consumer.Distinct.OfType<HistoryLost>());
    }

    // Both servers have a published event, and another one in the outbox.
    private async Task PrepareAsync(PromotedStandby pair, BrokerClient broker, HeardEvents consumer)
    {
        await using (await StartAsync(pair))
        {
            await broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-kept-1", 1));
            await consumer.ReadUntilAsync(_ => consumer.CountCalls("kept") == 1);
        }

        await AddToOutboxAsync(pair);
        await pair.SplitAsync();
    }

    private static async Task AddToOutboxAsync(PromotedStandby pair)
    {
        await using var connections = new PostgresConnections(pair.On(pair.Primary), "public");
        await using var session = await connections.OpenAsync(Token);
        var call = new CallVoiceResolved
        {
            EventId = Guid.NewGuid(), Stream = AuditEvent.BusinessStream(1), CallId = "CA-waiting-1",
            BusinessId = 1, VoiceId = "ash", Source = VoiceSource.Default, Reason = VoiceReason.NoVoice,
            OccurredAt = DateTimeOffset.UnixEpoch, StartedAt = DateTimeOffset.UnixEpoch,
        };
        await CallVoiceTable.RestoreAsync(session, [call], Token);
        await OutboxTable.AddAsync(session, OutboxEvent.Of(call), Token);
    }

    // Three calls of two businesses, a change of voice, and a call that has the new one.
    private static async Task AskAsync(BrokerClient broker, string name, string voice)
    {
        foreach (var (n, business) in new[] { (1, 1), (2, 2), (3, 2) })
            await broker.AskAsync(Exchanges.CallStarted, Wire.Call($"CA-{name}-{n}", business));
        var reply = await broker.AskAsync(
            Exchanges.BusinessVoiceChanged,
            $$"""{"businessId":2,"voiceId":"{{voice}}","changedAt":"{{TimeProvider.System.GetUtcNow():O}}"}""");
        Assert.Equal("updated", reply.Field("outcome"));
        await broker.AskAsync(Exchanges.CallStarted, Wire.Call($"CA-{name}-9", 2));
    }

    private async Task<IWorker> StartAsync(PromotedStandby pair, params string[] settings)
    {
        var worker = WorkerLauncher.Start(
            RunningWorker.Connections(pair.Hosts, servers), ["run", "--Replies:Deadline=00:01:00", .. settings]);
        await worker.WaitReadyAsync(Token);
        return worker;
    }

    private static async Task AssertPublishedAsync(PromotedStandby pair) => Assert.True(await Polling.UntilAsync(
        async _ => (await pair.ReadAsync<bool>("""
            SELECT NOT EXISTS (SELECT FROM voice.outbox) AND (SELECT published_seq FROM voice.relay_checkpoint)
                = (SELECT max(seq_id) FROM voice_audit.mt_events)
            """))[0], Patience, Token));

    private static async Task AssertVerifiedAsync(PromotedStandby pair)
    {
        await using var connections = new PostgresConnections(pair.On(pair.Standby!), "public");
        var differences = new List<string>();
        await foreach (var difference in new AuditVerification(connections).FindAsync(Token))
            differences.Add(difference.Text);
        Assert.Empty(differences);
    }

    private static async Task<string> HealthOfAsync(IWorker worker)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(worker.Http, "/health/ready"), Token);
    }

    private static string Place(AuditEvent told) => $"{told.Stream} {told.Sequence} {told.EventId}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
