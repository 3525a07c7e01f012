using VoiceWorker.Persistence;

namespace VoiceWorker.Bus;

/// <summary>All queues that this worker consumes, or not, as operators have it.</summary>
internal sealed class Inputs(IEnumerable<InputFlow> flows, ILogger<Inputs> logger)
{
    private readonly List<InputFlow> _flows = [.. flows];
    private volatile bool _isDraining;

    /// <summary>Those that are to be consumed.</summary>
    public IEnumerable<string> Consumed => _flows.Where(flow => !flow.Intake.IsShut).Select(flow => flow.Queue);

    /// <summary>Each of them, and whether it is not to be consumed.</summary>
    public IEnumerable<(string Queue, bool IsShut)> All => _flows.Select(flow => (flow.Queue, flow.Intake.IsShut));

    /// <summary>Whether this worker is to consume nothing at all.</summary>
    public bool IsDraining => _isDraining;

    /// <summary>Returns when every queue is as it is to be.</summary>
    public Task ObeyAsync(ConsumingOrders orders)
    {
        _isDraining = orders.IsDraining;
        return Task.WhenAll(_flows.Select(flow => ObeyAsync(
            flow, orders.IsDraining || orders.Paused.Contains(flow.Queue, StringComparer.Ordinal))));
    }

    /// <summary>How it is.</summary>
    public WorkerConsuming Tell()
    {
        var stopped = _flows.Where(flow => flow.Intake.HasStopped).Select(flow => flow.Queue).ToList();
        var inFlight = _flows.Sum(flow => flow.InFlight);
        return new(stopped, inFlight, _isDraining && stopped.Count == _flows.Count && inFlight == 0);
    }

    private async Task ObeyAsync(InputFlow flow, bool isShut)
    {
        if (!await flow.Intake.TurnAsync(isShut))
            return;
        if (isShut)
            logger.QueuePaused(flow.Queue, _isDraining ? "this worker is to drain" : "it is paused");
        else
            logger.QueueResumed(flow.Queue);
    }
}
