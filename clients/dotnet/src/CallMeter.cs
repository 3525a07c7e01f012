using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace VoiceWorker.Client;

/// <summary>
/// What became of the calls, for <see cref="IVoiceClient.Counts"/> and as metrics:
/// <list type="table">
/// <item><term>voice_worker.client.calls.answered</term><description>counter</description></item>
/// <item><term>voice_worker.client.calls.defaulted</term><description>counter</description></item>
/// <item><term>voice_worker.client.replies.late</term><description>counter</description></item>
/// <item><term>voice_worker.client.call.duration</term><description>histogram in seconds, by voice.outcome: answered or
/// defaulted</description></item>
/// </list>
/// </summary>
internal sealed class CallMeter : IDisposable
{
    private static readonly KeyValuePair<string, object?> IsAnswered = new("voice.outcome", "answered");
    private static readonly KeyValuePair<string, object?> IsDefaulted = new("voice.outcome", "defaulted");

    private readonly Meter _meter;
    private readonly Histogram<double> _duration;
    private long _answered, _defaulted, _late;

    private readonly ILogger _logger;

    public CallMeter(ILogger logger, string name = VoiceClient.MeterName)
    {
        (_logger, _meter) = (logger, new Meter(name));
        _meter.CreateObservableCounter(
            "voice_worker.client.calls.answered", () => Interlocked.Read(ref _answered), "{call}",
            "Calls that got the worker's answer in time.");
        _meter.CreateObservableCounter(
            "voice_worker.client.calls.defaulted", () => Interlocked.Read(ref _defaulted), "{call}",
            "Calls that got the default of their caller.");
        _meter.CreateObservableCounter(
            "voice_worker.client.replies.late", () => Interlocked.Read(ref _late), "{reply}",
            "Answers that came after their caller had stopped waiting.");
        _duration = _meter.CreateHistogram<double>(
            "voice_worker.client.call.duration", "s", "How long callers have waited for their voice.");
    }

    public VoiceCounts Counts => new(
        Interlocked.Read(ref _answered), Interlocked.Read(ref _defaulted), Interlocked.Read(ref _late));

    /// <summary>A caller has its voice.</summary>
    public void Count(bool isAnswer, TimeSpan duration)
    {
        if (isAnswer)
            Interlocked.Increment(ref _answered);
        else
            Interlocked.Increment(ref _defaulted);
        try
        {
            _duration.Record(duration.TotalSeconds, isAnswer ? IsAnswered : IsDefaulted);
        }
        catch (Exception error)
        {
            // What listens to metrics is the program's; its callers wait for their voices all the same.
            _logger.ListenerFailed(error);
        }
    }

    public void CountLate() => Interlocked.Increment(ref _late);

    public void Dispose() => _meter.Dispose();
}
