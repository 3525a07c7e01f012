using System.Diagnostics;
using VoiceWorker.Bench.Broker;
using VoiceWorker.Bench.Judging;
using VoiceWorker.Bench.Systems;
using VoiceWorker.Bench.Work;

namespace VoiceWorker.Bench.Throughput;

/// <summary>
/// One run of one system: a process that has just been started and has handled the warm-up finds the whole work preloaded.
/// The clock runs from its first consumption to the last audit event in the queue; what these are is judged afterwards.
/// </summary>
internal sealed class MeasuredRun(BenchServers servers, BenchBroker broker, SystemUnderTest system, BenchDatabase database, IWork work)
{
    // Below the 10 s after which PostgreSQL ends the session of a leader that says nothing.
    private static readonly TimeSpan SuspensionLimit = TimeSpan.FromSeconds(8);

    private Judge _judge = new(work.Count);

    /// <summary>The work has the warm-up at its beginning.</summary>
    /// <param name="before">Sequences that the streams have already.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public async Task<RunFigures> MeasureAsync(IReadOnlyDictionary<string, long>? before, CancellationToken cancellationToken)
    {
        _judge = new Judge(work.Count, before);
        await using var process = await RunningSystem.StartAsync(system, servers, database, broker, cancellationToken);
        await WarmUpAsync(cancellationToken);
        await database.ExecuteAsync("CHECKPOINT", cancellationToken);
        var (probe, messages) = (await process.ProbeAsync(cancellationToken), work.Count - ThroughputOptions.WarmUp);
        await PreloadAsync(process, messages, cancellationToken);

        var cpu = CpuFigures.Read(process, servers);
        process.Resume();
        var course = await Course.FollowAsync(broker, SystemUnderTest.AuditQueue, messages, cancellationToken);
        cpu = CpuFigures.Read(process, servers).Per10K(cpu, messages);
        probe = await process.ProbeAsync(cancellationToken) - probe;
        var resident = process.ResidentMiB;

        await process.StopAsync(cancellationToken);
        var verdict = await JudgeAsync(cancellationToken);
        return new RunFigures(system.Name, messages / course.Seconds, cpu, (double)probe.AllocatedBytes / messages,
            probe.PauseMs, resident, verdict, course);
    }

    private async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        await broker.PublishAsync(work, 0, ThroughputOptions.WarmUp, cancellationToken);
        await Course.FollowAsync(broker, SystemUnderTest.AuditQueue, ThroughputOptions.WarmUp, cancellationToken);
        await DrainAsync(cancellationToken);
    }

    // Suspended, not stopped: what the warm-up made of the process stays. It has the first deliveries in its socket.
    private async Task PreloadAsync(RunningSystem process, int messages, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        process.Suspend();
        await broker.PublishAsync(work, ThroughputOptions.WarmUp, messages, cancellationToken);
        if (clock.Elapsed > SuspensionLimit)
            throw new InvalidOperationException($"Preloading took {clock.Elapsed.TotalSeconds:0.0} s: use fewer --messages, or a machine that is not busy");
    }

    private async Task<Verdict> JudgeAsync(CancellationToken cancellationToken)
    {
        await DrainAsync(cancellationToken);
        await broker.DeleteAsync(system.AllQueues, cancellationToken);
        return _judge.Conclude();
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        var depth = await broker.DepthAsync(SystemUnderTest.AuditQueue, cancellationToken);
        await broker.TakeAsync(SystemUnderTest.AuditQueue, depth, arrived => _judge.Add(work.Observe(arrived)), cancellationToken);
    }
}
