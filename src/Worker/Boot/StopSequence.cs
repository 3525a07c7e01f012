using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using VoiceWorker.Bus;
using VoiceWorker.Calls;
using VoiceWorker.Changes;
using VoiceWorker.Commit;
using VoiceWorker.Contracts;
using VoiceWorker.Health;
using VoiceWorker.Relay;

namespace VoiceWorker.Boot;

/// <summary>
/// From a worker that consumes to a process that may end, within <c>Shutdown:Timeout</c>. Runs before the host stops
/// anything, so that readiness is seen to be false while deliveries in flight finish.
/// </summary>
internal sealed class StopSequence(
    Readiness readiness, BootSequence boot, InputBus bus, RelayService relay,
    GroupCommit<PendingCall, CallVoice> calls, GroupCommit<PendingChange, VoiceChangeResult> changes,
    IOptions<ShutdownOptions> options, TimeProvider time, ILogger<StopSequence> logger)
    : IHostedLifecycleService
{
    // The time to leave unresponsive servers: they answer neither cancellation nor close.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        readiness.Close();
        logger.Stopping();
        using var limit = new CancellationTokenSource(PatienceWithin(options.Value.Timeout), time);
        await boot.StopAsync(limit.Token);
        await FinishDeliveriesAsync(limit.Token);
        await relay.StopAsync(limit.Token);
        logger.Stopped();
    }

    /// <summary>How long what is in flight may take, so that the process is gone in time.</summary>
    /// <param name="timeout">From the signal to the end of the process.</param>
    public static TimeSpan PatienceWithin(TimeSpan timeout) =>
        timeout > 2 * Farewell ? timeout - Farewell : timeout / 2;

    private async Task FinishDeliveriesAsync(CancellationToken limit)
    {
        if (!boot.HasStartedBus)
            return;
        var stopped = bus.StopAsync();
        await stopped.WaitAsync(limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!stopped.IsCompleted)
            await LeaveDeliveriesAsync(stopped);
        else
            await stopped;
    }

    // The bus waits for its consumers, and they wait for their commits.
    private async Task LeaveDeliveriesAsync(Task stopped)
    {
        logger.DeliveriesLeft();
        var left = Task.WhenAll(stopped, calls.DisposeAsync().AsTask(), changes.DisposeAsync().AsTask());
        await left.WaitAsync(Farewell, time, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Section <c>Shutdown</c>.</summary>
internal sealed class ShutdownOptions
{
    /// <summary>From SIGTERM to the end of the process; deliveries in flight that do not finish in it are
    /// redelivered.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(25);
}
