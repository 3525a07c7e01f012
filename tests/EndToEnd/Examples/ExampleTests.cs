using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Network;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Examples;

/// <summary>The client kits, all at once: a worker that is killed under their calls, consumers that are cut off and killed,
/// and a replay of everything, also to consumers that came late.</summary>
[FullRun]
public sealed class ExampleTests(TestServers servers)
{
    private const int Calls = 500;

    [Fact]
    public async Task The_kits_lose_and_repeat_nothing_through_kills_of_all_sides_and_a_full_replay()
    {
        await using var way = new FaultProxy(servers.AmqpUri.Host, servers.AmqpUri.Port);
        var wayToBroker = new UriBuilder(servers.AmqpUri) { Host = "127.0.0.1", Port = way.Port }.Uri;
        await using var kits = await RunningKits.InstallAsync(servers);
        var database = await servers.Migrated.CopyAsync(businesses: 100);
        // Bound before the worker's first event.
        var consumers = await kits.ConsumeAsync(wayToBroker, "audit");
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        var replay = await Replay.RecordAsync(
            broker, RunningWorker.Connections(database.WorkerConnectionString, servers));
        await using var worker = await RunningWorker.StartAsync(servers, database, database.WorkerConnectionString);
        await ChangeVoicesAsync(kits, database);

        var producers = kits.Produce("call", $"{Calls}");
        await replay.HasAsync(kits.Count * 30);
        worker.Kill();
        way.Cut();
        await using var second = await RestartAsync(database, unanswered: kits.Count * Calls);
        await Task.WhenAll(consumers.Select(consumer => consumer.KillAsync()));
        consumers = await kits.ConsumeAsync(wayToBroker, "audit");
        await kits.AssertAnsweredAsync(producers, Calls);

        // A change and calls for each, and the migration: as many streams as kits, and one.
        var complete = new Proof((kits.Count * (Calls + 1)) + 1, kits.Count + 1, Missing: 0, Repeated: 0, ExitCode: 0);
        await replay.HasAsync(complete.Events);
        await kits.AssertProvenAsync("audit", "after the kills", complete);
        await ReplayAsync(kits, replay, broker, complete, consumers);
    }

    // Those that come late get one more call of each business: what was before is missing until it is replayed.
    private async Task ReplayAsync(
        RunningKits kits, Replay replay, BrokerClient broker, Proof complete, ExampleProcess[] consumers)
    {
        var late = await kits.ConsumeAsync(servers.AmqpUri, "late");
        foreach (var business in kits.Businesses)
            await broker.AskAsync(Exchanges.CallStarted, Wire.Call($"CA-{business}", business));
        var missing = new Proof(kits.Count, kits.Count, complete.Events - 1, Repeated: 0, ExitCode: 1);
        await kits.AssertProvenAsync("late", "bound late", missing);
        complete = complete with { Events = complete.Events + kits.Count };

        await replay.HasAsync(complete.Events);
        var published = replay.PublishAsync();
        await Task.WhenAll(late.Select(KillMidwayAsync));
        await kits.ConsumeAsync(servers.AmqpUri, "late");
        await published;

        await Task.WhenAll(consumers.Select(consumer => consumer.SaysReplayedAsync(complete.Events)));
        // And that an operator has replayed them, in a stream of its own.
        complete = complete with { Events = complete.Events + 1, Streams = complete.Streams + 1 };
        await replay.HasAsync(complete.Events);
        await kits.AssertProvenAsync("audit", "after the replay", complete);
        await kits.AssertProvenAsync("late", "bound late, after the replay", complete);
    }

    // In the midst of the replay: what was acknowledged has to be kept.
    private static async Task KillMidwayAsync(ExampleProcess consumer)
    {
        await consumer.SaysReplayedAsync(1);
        await consumer.KillAsync();
    }

    private static async Task ChangeVoicesAsync(RunningKits kits, LegacyDatabase database)
    {
        foreach (var change in kits.Produce("voice", "coral"))
            Assert.True(await change.EndsAsync() == 0, string.Join('\n', change.Lines));
        Assert.True(await Polling.UntilAsync(
            async _ => await database.ScalarAsync<long>("SELECT count(*) FROM business WHERE voice_id = 'coral'") == kits.Count,
            Waits.Longest, TestContext.Current.CancellationToken));
    }

    private async Task<WorkerProcess> RestartAsync(LegacyDatabase database, int unanswered)
    {
        Assert.InRange(await database.ScalarAsync<long>("SELECT count(*) FROM voice.call_voice"), 1, unanswered - 1);
        return WorkerProcess.Start(
            WorkerProcess.Dll, RunningWorker.Connections(database.WorkerConnectionString, servers),
            ["run", "--Replies:Deadline=00:00:20"]);
    }
}
