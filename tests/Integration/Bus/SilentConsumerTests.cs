using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Network;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>A connection over which nothing comes, and that both sides take for a live one.</summary>
public sealed class SilentConsumerTests(TestServers servers)
{
    private const string Queue = "voice-worker.call-started";

    [FullRun]
    [Fact]
    public async Task A_queue_whose_messages_do_not_come_is_told_and_consumed_over_another_connection()
    {
        await using var database = await servers.Migrated.CopyAsync(10);
        await using var client = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await using var proxy = new FaultProxy(servers.AmqpUri.Host, servers.AmqpUri.Port);
        await using var worker = await StartAsync(database, proxy);
        var hold = proxy.HoldBack("delivery", Side.Server, Cue.Says(Side.Server, "CA-held"));
        var held = client.AskAsync(Exchanges.CallStarted, Wire.Call("CA-held", 1));
        await hold.ReachedAsync(Waits.Longest, Token);
        var behind = client.AskAsync(Exchanges.CallStarted, Wire.Call("CA-behind", 1));

        await worker.SaysAsync($"{Queue} holds messages, and none came for 2 s");
        hold.TakeNoMore();

        await Task.WhenAll(held, behind).WaitAsync(Waits.Longest, Token);
        await worker.SaysAsync("messages come");
        await WritesAsync(worker, $"Messages of {Queue} come again");
        Assert.Single(worker.Output, line => line.Contains($"{Queue} holds messages", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_broker_that_is_silent_to_the_watch_is_told_until_it_answers()
    {
        await using var database = await servers.Migrated.CopyAsync(1);
        await using var proxy = new FaultProxy(servers.AmqpUri.Host, servers.AmqpUri.Port);
        await using var worker = await StartAsync(database, proxy);
        await worker.SaysAsync("as declared");

        var hold = proxy.HoldBack("answer", Side.Server, Cue.Says(Side.Client, Exchanges.BusinessVoiceUpdated));
        await worker.SaysAsync("RabbitMQ does not answer within 2 s");
        hold.TakeNoMore();

        await worker.SaysAsync("as declared");
    }

    // With room for one message the broker keeps the second.
    private async Task<IWorker> StartAsync(LegacyDatabase database, FaultProxy proxy)
    {
        var environment = RunningWorker.Connections(database.WorkerConnectionString, servers);
        environment["ConnectionStrings__RabbitMq"] =
            new UriBuilder(servers.AmqpUri) { Host = "127.0.0.1", Port = proxy.Port }.Uri.ToString();
        var worker = WorkerLauncher.Start(environment,
        [
            "run", "--Replies:Deadline=00:00:20", "--Bus:Prefetch=1", "--Bus:SilenceLimit=00:00:02",
            "--Observability:Interval=00:00:00.500",
        ]);
        await worker.WaitReadyAsync(Token);
        return worker;
    }

    private static async Task WritesAsync(IWorker worker, string text) => Assert.True(
        await Polling.UntilAsync(
            _ => Task.FromResult(worker.Output.Any(line => line.Contains(text, StringComparison.Ordinal))),
            Waits.Longest, Token),
        $"it does not write {text}");

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
