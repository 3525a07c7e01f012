using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Servers;
using VoiceWorker.Tests.Integration.Relay;
using Xunit;

namespace VoiceWorker.Tests.Integration.Servers;

/// <summary>An old primary that has come back beside the one that was promoted in its place.</summary>
[FullRun]
public sealed class OldPrimaryTests(TestServers servers)
{
    private const int Calls = 8;

    [Fact]
    public async Task Nothing_is_recorded_on_a_server_whose_history_has_ended()
    {
        await using var pair = await PromotedStandby.CreateAsync();
        await pair.SplitAsync();
        await pair.PromoteAsync();
        await pair.KillPrimaryAsync();
        var (old, promoted) = (pair.Primary, pair.Standby!);
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await using var worker = WorkerLauncher.Start(
            RunningWorker.Connections(pair.Hosts, servers), ["run", "--Replies:Deadline=00:00:20"]);
        await worker.WaitReadyAsync(Token);
        var audit = await broker.BindAsync(Exchanges.VoiceAudit);

        await old.StartAsync(Token);
        for (var n = 0; n < Calls; n++)
        {
            // Each new session asks the hosts in their order, and the old one answers first.
            await promoted.ExecuteAsync(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'voice-worker%'",
                Token);
            await broker.AskAsync(Exchanges.CallStarted, Wire.Call($"CA-{n}", 1), $"{n}");
        }

        Assert.Equal(Calls, await CountAsync(pair, promoted));
        Assert.Equal(0, await CountAsync(pair, old));
        // A relay whose session ends between publishing and the checkpoint publishes again.
        var heard = new HashSet<string>(StringComparer.Ordinal);
        while (heard.Count < Calls)
        {
            var one = (await BrokerClient.TakeAsync(audit, 1))[0];
            if (one.Properties.Type == "CallVoiceResolved")
                heard.Add(one.Field("callId"));
        }
    }

    private static async Task<long> CountAsync(PromotedStandby pair, LocalPostgres server) =>
        Assert.Single(await pair.ReadAsync<long>(server, "SELECT count(*) FROM voice.call_voice"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
