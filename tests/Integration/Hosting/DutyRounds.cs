using System.Diagnostics.Metrics;
using VoiceWorker.Observability;

namespace VoiceWorker.Tests.Integration.Hosting;

/// <summary>Says when a background loop of one worker has done its first round. /metrics cannot: in a process of several
/// workers OpenTelemetry drops a metric of all of them when one worker ends (open-telemetry/opentelemetry-dotnet,
/// issue 6412).</summary>
internal sealed class DutyRounds : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly string _duty;
    private readonly TaskCompletionSource _ran = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Listens to one worker.</summary>
    /// <param name="worker">The factory of its meter.</param>
    /// <param name="duty">The loop's name.</param>
    public DutyRounds(IMeterFactory worker, string duty)
    {
        _duty = duty;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, worker) && instrument.Name == WorkerMetrics.DutyRounds)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>(Note);
        _listener.Start();
    }

    /// <summary>Completes after the first round, whether it went well or not.</summary>
    public Task Ran => _ran.Task;

    public void Dispose() => _listener.Dispose();

    private void Note(
        Instrument instrument, long rounds, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        foreach (var tag in tags)
        {
            if (Equals(tag.Value, _duty))
                _ran.TrySetResult();
        }
    }
}
