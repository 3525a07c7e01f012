using System.Diagnostics;
using System.Globalization;

namespace VoiceWorker.Bench;

/// <summary>Systems, works or tables in turn, A B A B …, on the same servers.</summary>
internal sealed class ThroughputBench(Stage stage, int messages, int rounds, CancellationToken cancellationToken)
{
    private const string Classic = "classic";
    private const int WarmUp = 500;
    // Below the 10 s after which PostgreSQL ends the session of a leader that says nothing.
    private static readonly TimeSpan SuspensionLimit = TimeSpan.FromSeconds(8);

    /// <summary>The baseline, the worker, which has quorum queues only, and where they are asked for, other builds of
    /// it and a peer.</summary>
    public Task<int> CompareSystemsAsync(string queueType, bool withPeers, IEnumerable<string> builds)
    {
        List<SystemUnderTest> systems =
        [
            SystemUnderTest.Baseline(queueType),
            .. queueType == Classic ? [] : builds.Select(SystemUnderTest.Build).Prepend(SystemUnderTest.Worker()),
            .. withPeers ? new[] { SystemUnderTest.Wolverine(queueType) } : [],
        ];
        if (systems.DistinctBy(system => system.Name).Count() < systems.Count)
            throw new InvalidOperationException("Two folders of --beside have one name");
        return TakeTurnsAsync(withPeers ? "peers" : "throughput", systems.Select(Calls));
    }

    /// <summary>The worker alone, and with its console open in so many tabs.</summary>
    public Task<int> CompareConsoleAsync(int tabs) => TakeTurnsAsync(
        "console-throughput", [Calls(SystemUnderTest.Worker()), Calls(SystemUnderTest.WithConsole(tabs))]);

    /// <summary>Changes by the worker: spread over 1,000 businesses, and all for one.</summary>
    public Task<int> CompareChangesAsync() => TakeTurnsAsync("changes", new[] { Businesses.Count, 1 }.Select(
        businesses => new Contestant(
            SystemUnderTest.Worker() with { Name = businesses == 1 ? "one business" : $"{businesses} businesses" },
            _ => new ChangeWork(WarmUp + messages, businesses))));

    /// <summary>The worker on empty tables and on filled ones: does it get slower over the years?</summary>
    public async Task<int> CompareTablesAsync(Filling filling)
    {
        await using var filled = await filling.CreateAsync(stage, cancellationToken);
        var worker = SystemUnderTest.Worker();
        return await TakeTurnsAsync(
            "filled",
            [Calls(worker with { Name = "empty" }), Calls(worker with { Name = "filled" }) with { Filled = filled }]);
    }

    /// <summary>The same work by more workers, which are in one cluster with one leader.</summary>
    public Task<int> CompareNumbersAsync(IEnumerable<int> workers) => TakeTurnsAsync("scale", workers.Select(
        number => Calls(SystemUnderTest.Worker() with
        {
            Name = number == 1 ? "1 worker" : $"{number} workers", Processes = number,
        })));

    private Contestant Calls(SystemUnderTest system) =>
        new(system, round => new CallWork($"round{round}", WarmUp + messages));

    private async Task<int> TakeTurnsAsync(string name, IEnumerable<Contestant> contestants)
    {
        var (runs, turns) = (new List<RunFigures>(), contestants.ToList());
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var contestant in turns)
                runs.Add(await MeasureAsync(contestant, contestant.Work(round)));
        }

        Console.WriteLine();
        return await new Comparison(runs).ReportAsync(name, stage, cancellationToken);
    }

    private async Task<RunFigures> MeasureAsync(Contestant contestant, IWork work)
    {
        if (contestant.Filled is { } filled)
        {
            var before = await Filling.SequencesAsync(filled, cancellationToken);
            return await MeasureAsync(contestant.System, work, filled, before);
        }

        await using var database = await stage.CreateDatabaseAsync(cancellationToken);
        return await MeasureAsync(contestant.System, work, database, null);
    }

    // A process that has just been started and has handled the warm-up finds the whole work preloaded. The clock runs
    // from its first consumption to the last audit event in the queue; what these are is judged afterwards.
    private async Task<RunFigures> MeasureAsync(
        SystemUnderTest system, IWork work, BenchDatabase database, IReadOnlyDictionary<string, long>? before)
    {
        var (judge, load) = (new Judge(work.Count, before), Stage.LoadAverage());
        await using var running = await system.StartAsync(stage, database, cancellationToken);
        await WarmUpAsync(work, judge);
        await database.ExecuteAsync("CHECKPOINT", cancellationToken);
        var probe = await running.ProbeAsync(cancellationToken);
        await PreloadAsync(running, work);

        var cpu = stage.ReadCpu(running);
        running.Resume();
        var course = await stage.Broker.FollowAsync(messages, cancellationToken);
        cpu = stage.ReadCpu(running).Per10K(cpu, messages);
        var (allocated, paused) = await running.ProbeAsync(cancellationToken);
        var resident = running.ResidentMiB();

        await running.StopAsync(cancellationToken);
        await stage.Broker.JudgeAsync(work, judge, cancellationToken);
        await stage.Broker.DeleteAsync(system.AllQueues, cancellationToken);
        var verdict = judge.Conclude();
        verdict = verdict with { Wrong = verdict.Wrong + await work.WrongRowsAsync(database, cancellationToken) };
        var figures = new RunFigures(system.Name, messages / course[^1].Seconds, cpu,
            (double)(allocated - probe.AllocatedBytes) / messages, paused - probe.PauseMs, resident, verdict);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{system.Name,-10}{figures.Rate,8:#,0}/s  load before {load:0.0}  {verdict}"));
        return figures;
    }

    private async Task WarmUpAsync(IWork work, Judge judge)
    {
        await stage.Broker.PublishAsync(work, 0, WarmUp, cancellationToken);
        await stage.Broker.FollowAsync(WarmUp, cancellationToken);
        await stage.Broker.JudgeAsync(work, judge, cancellationToken);
    }

    // Suspended, not stopped: what the warm-up made of the process stays. It has the first deliveries in its socket.
    private async Task PreloadAsync(RunningSystem running, IWork work)
    {
        var clock = Stopwatch.StartNew();
        running.Suspend();
        await stage.Broker.PublishAsync(work, WarmUp, messages, cancellationToken);
        if (clock.Elapsed > SuspensionLimit)
            throw new InvalidOperationException($"Preloading took {clock.Elapsed.TotalSeconds:0.0} s: "
                + "use fewer --messages, or a machine that is not busy");
    }

    /// <summary>On an empty database for each run, or on one that is filled already.</summary>
    private sealed record Contestant(SystemUnderTest System, Func<int, IWork> Work, BenchDatabase? Filled = null);
}
