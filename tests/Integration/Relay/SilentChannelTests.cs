using System.Diagnostics;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Network;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Relay;
using VoiceWorker.Tests.Integration.Audit;
using Xunit;

namespace VoiceWorker.Tests.Integration.Relay;

/// <summary>A new channel is not answered.</summary>
public sealed class SilentChannelTests(TestServers servers)
{
    [Fact]
    public async Task Another_channel_is_opened_long_before_a_page_would_be_given_up()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await database.ExecuteAsync("DELETE FROM voice.outbox");
        await using var connections = new PostgresConnections(database.WorkerConnectionString, "public");
        await using var store = new EventStore(connections);
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await AuditTopology.DeclareAsync(broker.AmqpChannel, null, Token);
        var audit = await broker.BindAsync(Exchanges.VoiceAudit);
        await using (var session = await connections.OpenAsync(Token))
            await OutboxTable.AddAsync(session, SampleEvents.Resolved(1, 1), Token);
        await using var proxy = new FaultProxy(servers.AmqpUri.Host, servers.AmqpUri.Port);
        // As AMQP has it: exchange, then the length of the routing key, which is 10, and the key.
        var hold = proxy.HoldBack(
            "the event", Side.Client, Cue.Says(Side.Client, $"{Exchanges.CallVoiceResolved}\nbusiness-1"));
        await using var relay = new RelayUnderTest(
            new UriBuilder(servers.AmqpUri) { Port = proxy.Port }.Uri, connections, store, new AuditOptions());

        var publishing = relay.RunUntilAsync(_ => false);
        await hold.ReachedAsync(TimeSpan.FromSeconds(60), Token);
        var began = Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<TimeoutException>(() => publishing);
        var silence = Stopwatch.GetElapsedTime(began);
        hold.Cut();
        await relay.RunUntilAsync(round => round.Published == 1);

        Assert.InRange(silence, TimeSpan.FromSeconds(1), RelayLease.Default.ConfirmTimeout * 0.8);
        await BrokerClient.TakeAsync(audit, 1);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
