using System.Diagnostics;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>A broker that is low on memory or disk takes nothing more, and gives out what it has.</summary>
public sealed class AlarmTests(TestServers servers)
{
    private const int Calls = 300;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private const string Queue = "voice-worker.call-started";

    [FullRun]
    [Fact]
    public async Task In_a_memory_alarm_calls_are_recorded_and_acknowledged_and_answered_after_it()
    {
        await using var rabbit = await LocalRabbitMq.LaunchAsync(new ServerOptions(), Token);
        await using var database = await servers.Migrated.CopyAsync(businesses: 10);
        await using var broker = await BrokerClient.ConnectAsync(rabbit.AmqpUri);
        await using (var first = Start(database, rabbit))
            await first.WaitReadyAsync(Token);
        for (var n = 0; n < Calls; n++)
            await broker.PublishAsync(Exchanges.CallStarted, Wire.Call($"CA-{n}", 1), BrokerClient.DirectReply, $"{n}");
        await rabbit.ControlAsync(["set_vm_memory_high_watermark", "absolute", "1MB"], Token);

        var began = Stopwatch.GetTimestamp();
        await using var worker = Start(database, rabbit);
        await worker.WaitReadyAsync(Token);
        var ready = Stopwatch.GetElapsedTime(began);
        Assert.True(await Polling.UntilAsync(
            async _ => await database.ScalarAsync<long>("SELECT count(*) FROM voice.call_voice") == Calls, Patience, Token));
        var isEmpty = await Polling.UntilAsync(async token => await CountAsync(rabbit, token) == 0, Patience, Token);
        await rabbit.ControlAsync(["set_vm_memory_high_watermark", "0.4"], Token);
        var answered = new HashSet<string>();
        while (answered.Count < Calls)
            answered.Add((await broker.NextReplyAsync()).Properties.CorrelationId!);

        Assert.InRange(ready, TimeSpan.Zero, Patience);
        Assert.True(isEmpty);
    }

    // Ready and unacknowledged: what rabbitmqctl says, for a client in an alarm is not answered.
    private static async Task<int> CountAsync(LocalRabbitMq rabbit, CancellationToken cancellationToken)
    {
        var lines = await rabbit.ControlAsync(["list_queues", "-q", "name", "messages"], cancellationToken);
        var line = lines.Split('\n').Single(line => line.Split('\t', ' ')[0] == Queue);
        return int.Parse(line.Split('\t', ' ')[^1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static WorkerProcess Start(LegacyDatabase database, LocalRabbitMq rabbit) => WorkerProcess.Start(
        WorkerProcess.Dll, RunningWorker.Connections(database.WorkerConnectionString, rabbit.AmqpUri),
        ["run", "--Replies:Deadline=00:00:20"]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
