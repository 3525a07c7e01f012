using VoiceWorker.Commit;
using VoiceWorker.Health;
using VoiceWorker.Observability;

namespace VoiceWorker.Servers;

/// <summary>
/// A background loop beside the deliveries. It waits for the schema, runs one round after the other, logs once when
/// rounds begin to fail and once when that is over, backs off meanwhile, and counts them.
/// </summary>
/// <param name="name">For the metric.</param>
/// <param name="pause">Between two rounds.</param>
/// <param name="readiness">Says when the schema is verified.</param>
internal abstract class Duty(
    string name, TimeSpan pause, Readiness readiness, WorkerMetrics metrics, TimeProvider time) : BackgroundService
{
    private int _failures;

    protected Readiness Readiness => readiness;

    protected WorkerMetrics Metrics => metrics;

    protected TimeProvider Time => time;

    /// <summary>Whether this worker is to do it now: some duties are the leader's alone.</summary>
    protected virtual bool IsDue => true;

    /// <summary>Whether a round that went well has shown that what failed is over: it may have met nothing that could
    /// fail.</summary>
    protected virtual bool HasProven => true;

    /// <returns>Whether the next follows at once.</returns>
    protected abstract Task<bool> RunRoundAsync(CancellationToken cancellationToken);

    protected abstract void LogFailing(string failure);

    protected abstract void LogRecovered();

    protected virtual string Describe(Exception failure) => ServerFailure.Describe(failure);

    /// <summary>What is to be known of a failure beside the log line.</summary>
    protected virtual void NoteFailure(Exception failure, string description, TimeSpan elapsed)
    {
    }

    /// <summary>Waits until the next round may have something to do.</summary>
    protected virtual Task PauseAsync(CancellationToken stopping) => Task.Delay(pause, time, stopping);

    /// <summary>Rests after a failure.</summary>
    /// <returns>Whether what is wrong may be over: the back-off begins anew.</returns>
    protected virtual async Task<bool> RestAsync(TimeSpan duration, CancellationToken stopping)
    {
        await Task.Delay(duration, time, stopping);
        return false;
    }

    /// <summary>Cuts off a round that has begun.</summary>
    protected virtual CancellationToken CutOff(CancellationToken stopping) => stopping;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await readiness.SchemaVerified.WaitAsync(stoppingToken);
            var cutOff = CutOff(stoppingToken);
            using var statements = new FollowingCancellation(cutOff);
            while (!stoppingToken.IsCancellationRequested)
                await TakeTurnAsync(statements.Token, cutOff, stoppingToken);
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; what a round that was cut off has begun is rolled back, or repeated by the next one.
        }
    }

    private async Task TakeTurnAsync(
        CancellationToken statements, CancellationToken cutOff, CancellationToken stopping)
    {
        var begun = time.GetTimestamp();
        try
        {
            if (!IsDue || !await RunCountedAsync(statements, cutOff))
                await PauseAsync(stopping);
        }
        catch (Exception failure) when (!IsTheEnd(failure, cutOff, stopping))
        {
            NoteFailed(failure, time.GetElapsedTime(begun));
            if (await RestAsync(Retry.DelayAfter(_failures, longest: pause), stopping))
                _failures = 1;
        }
    }

    private async Task<bool> RunCountedAsync(CancellationToken statements, CancellationToken cutOff)
    {
        // An unresponsive server answers no cancellation either: a round left behind is like one cut off by a crash.
        var goesOn = await RunRoundAsync(statements).WaitAsync(cutOff);
        metrics.RanDuty(name, errorType: null);
        if (_failures == 0 || !HasProven)
            return goesOn;
        LogRecovered();
        _failures = 0;
        return goesOn;
    }

    private void NoteFailed(Exception failure, TimeSpan elapsed)
    {
        var description = Describe(failure);
        if (++_failures == 1)
            LogFailing(description);
        metrics.RanDuty(name, ServerFailure.Of(failure).Code);
        NoteFailure(failure, description, elapsed);
    }

    private static bool IsTheEnd(Exception failure, CancellationToken cutOff, CancellationToken stopping) =>
        cutOff.IsCancellationRequested
        || (failure is OperationCanceledException && stopping.IsCancellationRequested);
}
