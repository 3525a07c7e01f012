using System.Diagnostics;
using System.Globalization;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Consuming;

/// <summary>Two workers and an operator who pauses their queues.</summary>
public sealed class PauseTests(TestServers servers)
{
    private const string Queue = "voice-worker.call-started";
    private const int Rounds = 3;
    private const int More = 20;
    private const string NoSeal = "--Audit:SealEvents=100000";

    [Fact]
    public async Task Paused_calls_outlive_a_kill_and_a_restart_and_each_is_decided_once()
    {
        const int calls = 300;
        await using var first = await RunningWorker.StartProcessAsync(servers, NoSeal);
        await using var second = await StartAsync(first);
        var audit = await first.Broker.BindAsync(Exchanges.CallVoiceResolved);
        var channel = first.Broker.AmqpChannel;

        var paused = await OperatorOf(first).ObeyedAsync("pause", "call-started", "--note", "a flood");
        Assert.Equal(2, (int)paused["obeying"]!);
        Assert.Equal(0u, await channel.ConsumerCountAsync(Queue, Token));
        await PublishAsync(first.Broker, 0, calls);
        Assert.Equal(0, await second.TerminateAsync(Token));
        first.Kill();
        await using var third = await StartAsync(first);
        await third.SaysAsync($"paused: {Queue}");

        Assert.Equal((0u, (uint)calls), (await channel.ConsumerCountAsync(Queue, Token), await channel.MessageCountAsync(Queue, Token)));
        Assert.Equal(0, await first.Database.ScalarAsync<long>("SELECT count(*) FROM voice.call_voice"));
        // The other queue is consumed as ever.
        await first.Broker.PublishAsync(
            Exchanges.BusinessVoiceChanged, """{"businessId":3,"voiceId":"coral","changedAt":"2026-01-31T09:30:00Z"}""");
        await first.Audit.OfBusinessAsync(3, 1);
        await OperatorOf(first).RunAsync("resume", Queue);
        var events = await BrokerClient.TakeAsync(audit, calls);

        await AssertOnceAsync(first, events, calls);
    }

    [Fact]
    public async Task A_pause_under_load_ends_what_is_in_flight_and_loses_nothing()
    {
        const int calls = 4_000;
        await using var first = await RunningWorker.StartProcessAsync(servers, NoSeal);
        await using var second = await StartAsync(first);
        var audit = await first.Broker.BindAsync(Exchanges.CallVoiceResolved);
        var begun = Stopwatch.GetTimestamp();
        var load = PublishAsync(first.Broker, 0, calls);

        for (var round = 0; round < Rounds; round++)
        {
            await first.Database.ExecuteAsync(
                $"INSERT INTO voice.queue_pause VALUES ('{Queue}', now(), 'a test') ON CONFLICT DO NOTHING");
            var ordered = Stopwatch.GetTimestamp();
            await UntilAsync(first, "bool_and(paused @> ARRAY['voice-worker.call-started'])");
            Operator.Report("both have stopped", ordered);
            await AssertNothingComesAsync(first, calls + (round * More));
            await first.Database.ExecuteAsync("DELETE FROM voice.queue_pause");
            ordered = Stopwatch.GetTimestamp();
            await UntilAsync(first, "bool_and(paused = '{}')");
            Operator.Report("both consume again", ordered);
        }

        await load;
        const int all = calls + (Rounds * More);
        var events = await BrokerClient.TakeAsync(audit, all);
        Operator.Report($"{all} calls", begun);
        await AssertOnceAsync(first, events, all);
        // The workers gave none back.
        Assert.All(first.Process.Output.Concat(second.Output), line => Assert.DoesNotContain("handed back", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_restart_of_PostgreSQL_leaves_a_pause_in_force()
    {
        const int calls = 50;
        await using var postgres = await LocalPostgres.LaunchAsync(new ServerOptions(), Token);
        var database = await LegacyDatabase.CreateMigratedAsync(postgres);
        await using var worker = await RunningWorker.StartProcessAsync(servers, database, database.WorkerConnectionString, NoSeal);
        var audit = await worker.Broker.BindAsync(Exchanges.VoiceAudit);
        var channel = worker.Broker.AmqpChannel;
        await OperatorOf(worker).ObeyedAsync("pause", "call-started");

        await postgres.KillAsync(Token);
        await PublishAsync(worker.Broker, 0, calls);
        Assert.True(await Polling.UntilAsync(_ => Task.FromResult(SaysOf(worker, "what was read last is in force")), Waits.Longest, Token));
        Assert.Equal((0u, (uint)calls), (await channel.ConsumerCountAsync(Queue, Token), await channel.MessageCountAsync(Queue, Token)));
        await postgres.StartAsync(Token);
        Assert.True(await Polling.UntilAsync(_ => Task.FromResult(SaysOf(worker, "paused can be read again")), Waits.Longest, Token));

        await worker.Process.SaysAsync($"paused: {Queue}");
        Assert.Equal((0u, (uint)calls), (await channel.ConsumerCountAsync(Queue, Token), await channel.MessageCountAsync(Queue, Token)));
        await OperatorOf(worker).ObeyedAsync("resume", "call-started");
        // The migration and both acts have events too.
        var events = await BrokerClient.TakeAsync(audit, calls + 3);
        await AssertOnceAsync(worker, [.. events.Where(e => e.Properties.Type == "CallVoiceResolved")], calls);
    }

    [Fact]
    public async Task One_of_two_is_drained_by_the_beginning_of_its_id_and_the_other_goes_on()
    {
        await using var first = await RunningWorker.StartProcessAsync(servers, NoSeal);
        await using var second = await StartAsync(first);
        await UntilAsync(first, "count(*) = 2");
        var leader = await first.Database.ScalarAsync<Guid>("SELECT worker_id FROM voice.worker ORDER BY started_at LIMIT 1");
        var begin = leader.ToString()[..13];

        var (code, output) = await OperatorOf(first).RunAsync("drain", Environment.MachineName);
        Assert.Equal(2, code);
        Assert.Contains($"'{Environment.MachineName}' can be each of {Environment.MachineName} ({leader.ToString()[..8]}), ", output, StringComparison.Ordinal);
        await OperatorOf(first).ObeyedAsync("drain", begin, "--note", "its machine goes");
        await first.Process.SaysAsync("drained");
        Assert.Equal(1u, await first.Broker.AmqpChannel.ConsumerCountAsync(Queue, Token));
        // Its beats leave the order alone, and it relays.
        await first.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-1", 1));
        await first.Audit.OfBusinessAsync(1, 1);
        await UntilAsync(first, "count(*) FILTER (WHERE drained AND is_draining AND is_leader AND seen_at > started_at) = 1");
        Assert.Equal(0, await second.TerminateAsync(Token));
        Assert.Equal(0u, await first.Broker.AmqpChannel.ConsumerCountAsync(Queue, Token));

        await OperatorOf(first).RunAsync("resume", "--worker", begin);
        await first.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-2", 2));

        await first.Process.SaysAsync("nothing is paused");
        Assert.Equal(
            "drain pause 0|resume pause 0", await first.Database.ScalarAsync<string>("""
                SELECT string_agg(verb || ' pause ' || (SELECT count(*) FROM voice.queue_pause), '|' ORDER BY acted_at)
                FROM voice.operator_action
                """));
    }

    [Fact]
    public async Task A_worker_whose_queues_are_paused_ends_at_once_when_it_is_asked_to()
    {
        await using var worker = await RunningWorker.StartProcessAsync(servers);
        await OperatorOf(worker).ObeyedAsync("pause", "--all");
        var begun = Stopwatch.GetTimestamp();

        Assert.Equal(0, await worker.Process.TerminateAsync(Token));

        Operator.Report("SIGTERM while paused", begun);
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    private Task<WorkerProcess> StartAsync(RunningWorker beside) => StartAsync(beside.Database);

    private async Task<WorkerProcess> StartAsync(LegacyDatabase database)
    {
        var worker = WorkerProcess.Start(
            WorkerProcess.Dll, RunningWorker.Connections(database.WorkerConnectionString, servers), ["run", NoSeal]);
        await worker.WaitReadyAsync(Token);
        return worker;
    }

    private static bool SaysOf(RunningWorker worker, string line) =>
        worker.Process.Output.Any(said => said.Contains(line, StringComparison.Ordinal));

    private Operator OperatorOf(RunningWorker worker) =>
        new(RunningWorker.Connections(worker.Database.WorkerConnectionString, servers));

    private static async Task PublishAsync(BrokerClient broker, int first, int count)
    {
        foreach (var page in Enumerable.Range(first, count).Chunk(200))
            await Task.WhenAll(page.Select(n => broker.PublishAsync(Exchanges.CallStarted, Wire.Call($"CA-{n}", 1 + (n % 20)))));
    }

    private static async Task UntilAsync(RunningWorker worker, string condition) => Assert.True(await Polling.UntilAsync(
        _ => worker.Database.ScalarAsync<bool>($"SELECT coalesce({condition}, false) FROM voice.worker WHERE gone_at > now()"),
        Waits.Longest, Token), condition);

    // A consumer that is cancelled is counted until its last delivery is settled.
    private static async Task AssertNothingComesAsync(RunningWorker worker, int first)
    {
        const string decided = "SELECT count(*) FROM voice.call_voice";
        Assert.True(await Polling.UntilAsync(
            async token => await worker.Broker.AmqpChannel.ConsumerCountAsync(Queue, token) == 0, Waits.Longest, Token));
        var before = await worker.Database.ScalarAsync<long>(decided);

        await PublishAsync(worker.Broker, first, More);

        Assert.InRange(await worker.Broker.AmqpChannel.MessageCountAsync(Queue, Token), (uint)More, uint.MaxValue);
        Assert.Equal(before, await worker.Database.ScalarAsync<long>(decided));
    }

    private static async Task AssertOnceAsync(RunningWorker worker, IReadOnlyList<Delivery> events, int calls)
    {
        Assert.Equal(calls, events.Select(e => e.Field("callId")).Distinct().Count());
        Assert.All(events.GroupBy(e => e.Field("stream")), stream => Assert.Equal(stream.Count(), stream.Select(
            e => int.Parse(e.Field("sequence"), CultureInfo.InvariantCulture)).Distinct().Count()));
        Assert.Equal(calls, await worker.Database.ScalarAsync<long>("SELECT count(*) FROM voice.call_voice"));
        var channel = worker.Broker.AmqpChannel;
        foreach (var queue in new[] { Queue, $"{Queue}_error", $"{Queue}_dead" })
            Assert.Equal((queue, 0u), (queue, await channel.MessageCountAsync(queue, Token)));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
