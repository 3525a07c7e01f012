using System.Diagnostics;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Network;
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
        await using var stage = await RelayStage.SetAsync(servers);
        var audit = await stage.Broker.BindAsync(Exchanges.VoiceAudit);
        await stage.RecordAsync(SampleEvents.Resolved(1, 1));
        await using var proxy = new FaultProxy(servers.AmqpUri.Host, servers.AmqpUri.Port);
        // As AMQP has it: exchange, then the length of the routing key, which is 10, and the key.
        var hold = proxy.HoldBack(
            "the event", Side.Client, Cue.Says(Side.Client, $"{Exchanges.CallVoiceResolved}\nbusiness-1"));
        await using var relay = new RelayUnderTest(
            new UriBuilder(servers.AmqpUri) { Port = proxy.Port }.Uri, stage, new AuditOptions());

        var publishing = relay.RunUntilAsync(_ => false);
        await hold.ReachedAsync(Waits.Longest, Token);
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
