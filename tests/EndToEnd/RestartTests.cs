using System.Globalization;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd;

[FullRun]
public sealed class RestartTests(TestServers servers)
{
    [Fact]
    public async Task A_worker_that_is_asked_to_leave_under_load_loses_no_event_and_repeats_none()
    {
        const int calls = 2_000;
        await using var first = await RunningWorker.StartAsync(servers);
        var audit = await first.Broker.BindAsync(Exchanges.VoiceAudit);

        for (var n = 0; n < calls; n++)
            await first.Broker.PublishAsync(Exchanges.CallStarted, Call(n));
        var events = new List<Delivery>(await BrokerClient.TakeAsync(audit, 100));
        Assert.Equal(0, await first.Process.TerminateAsync(Token));
        await using var second = WorkerProcess.Start(
            WorkerProcess.Dll, RunningWorker.Connections(first.Database.WorkerConnectionString, servers), ["run"]);
        await second.WaitReadyAsync(Token);
        await first.Broker.AskAsync(Exchanges.CallStarted, Call(calls));
        events.AddRange(await BrokerClient.TakeAsync(audit, calls + 1 - events.Count));

        Assert.Equal(calls + 1, events.Select(e => e.Properties.MessageId).Distinct().Count());
        Assert.All(events.GroupBy(e => e.Field("stream")), stream => Assert.Equal(
            Enumerable.Range(1, stream.Count()), stream.Select(e => int.Parse(e.Field("sequence"), CultureInfo.InvariantCulture))));
    }

    private static string Call(int n) => Wire.Call($"CA-{n}", 1 + (n % 20));

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
