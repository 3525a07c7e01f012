using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using VoiceWorker.DeadLetters;
using VoiceWorker.Infrastructure.Network;
using VoiceWorker.Servers;
using VoiceWorker.Tests.Faults.World;
using VoiceWorker.Tests.Integration.Hosting;
using Xunit;

namespace VoiceWorker.Tests.Integration.DeadLetters;

/// <summary>Very many are read in portions and replayed side by side: no round trip for each.</summary>
public sealed class ManyDeadLettersTests(TestServers servers)
{
    private const string DeadQueue = "voice-worker.call-started_dead";
    private const string Origin = "voice-worker.call-started";

    // Of a frame: class 60, method 70, no ticket.
    private static readonly byte[] BasicGet = [0, 60, 0, 70, 0, 0];

    [Fact]
    public async Task All_are_listed_without_asking_for_each()
    {
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await PutAsync(broker, 25);
        await using var proxy = Proxy();
        var hold = proxy.HoldBack("a message is asked for", Side.Client, Cue.Says(Side.Client, "basic.get", BasicGet));

        var list = RunAsync(proxy, "list", "--json");
        await Task.WhenAny(list, hold.ReachedAsync(Waits.Longest, Token));
        hold.Release();
        var wasAskedFor = hold.ReachedAsync(TimeSpan.Zero, Token);

        await Assert.ThrowsAsync<TimeoutException>(() => wasAskedFor);
        var letters = JsonNode.Parse((await list).Output)!.AsArray();
        Assert.Equal(
            Enumerable.Range(0, 25).Select(n => $"CA-{n}"), letters.Select(letter => (string?)letter!["callId"]));
        await DeadLetterVerbs.AssertCountAsync(broker, DeadQueue, 25);
    }

    [Fact]
    public async Task The_next_are_replayed_while_the_first_wait_for_their_confirms()
    {
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await broker.AmqpChannel.QueueDeclareAsync(
            Origin, durable: true, exclusive: false, autoDelete: false, InputQueue.CallStarted.Arguments(100),
            cancellationToken: Token);
        await PutAsync(broker, 8);
        await using var proxy = Proxy();
        var hold = FaultPoints.Confirms(proxy);

        var replay = RunAsync(proxy, "replay", "--all", "--wait", "0");
        await hold.ReachedAsync(Waits.Longest, Token);
        await DeadLetterVerbs.AssertCountAsync(broker, Origin, 8);
        hold.Cut();

        Assert.Equal(7, (await replay).Code);
        // None was confirmed: all are still there.
        await DeadLetterVerbs.AssertCountAsync(broker, DeadQueue, 8);
    }

    [Fact]
    public async Task Each_is_read_once_whatever_its_size_while_others_are_held_by_somebody_else()
    {
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await PutAsync(broker, 25);
        for (var n = 25; n < 30; n++)
            await DeadLetterVerbs.PutAsync(broker, DeadQueue, new byte[5 * 1024 * 1024 + n]);
        await PutAsync(broker, 60, from: 30);
        await using var connection = await new ConnectionFactory { Uri = servers.AmqpUri }.CreateConnectionAsync(Token);
        await using var other = new DeadLetterQueues(connection);
        await using var others = other.ReadAsync(new DeadLetterFilter(), Token).GetAsyncEnumerator(Token);
        Assert.True(await others.MoveNextAsync());

        var ids = await DeadLetterVerbs.IdsAsync(connection);
        await other.DisposeAsync();

        // The first portion of the other reader is ten.
        Assert.Equal(50, ids.Distinct().Count());
        Assert.Equal(50, ids.Count);
        await DeadLetterVerbs.AssertCountAsync(broker, DeadQueue, 60);
        Assert.Equal(60, (await DeadLetterVerbs.IdsAsync(connection)).Distinct().Count());
    }

    [Fact]
    public async Task What_is_taken_out_is_gone_however_many_there_are()
    {
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        for (var round = 0; round < 6; round++)
        {
            await PutAsync(broker, 1);
            await Task.WhenAll(Enumerable.Range(1, 299)
                .Select(n => DeadLetterVerbs.PublishAsync(broker, DeadQueue, new byte[n])));

            // What was not taken out after all would be counted once more.
            var (code, output) = await DeadLetterVerbs.RunAsync(servers, "discard", "--all", "--yes");
            Assert.Equal((0, "300 discarded"), (code, output.Split('\n')[0]));
        }

        await DeadLetterVerbs.AssertCountAsync(broker, DeadQueue, 0);
    }

    private static async Task PutAsync(BrokerClient broker, int until, int from = 0)
    {
        for (var n = from; n < until; n++)
            await DeadLetterVerbs.PutAsync(
                broker, DeadQueue, Encoding.UTF8.GetBytes(Wire.Call($"CA-{n}", 1)), 1_769_851_800 + n);
    }

    private FaultProxy Proxy() => new(servers.AmqpUri.Host, servers.AmqpUri.Port);

    private Task<(int Code, string Output)> RunAsync(FaultProxy proxy, params string[] verb)
    {
        var environment = RunningWorker.Connections("Host=127.0.0.1;Port=1;Database=app;Username=worker", servers);
        environment["ConnectionStrings__RabbitMq"] =
            new UriBuilder(servers.AmqpUri) { Host = "127.0.0.1", Port = proxy.Port }.Uri.ToString();
        return HostedVerb.RunAsync(environment, ["dead-letters", .. verb]);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
