using System.Diagnostics.Metrics;

namespace VoiceWorker.Observability;

/// <summary>
/// Every metric of the worker.
/// <list type="table">
/// <item><term>voice_worker.audit.published</term><description>events that the broker confirmed, {event}</description></item>
/// <item><term>voice_worker.audit.skipped</term><description>events that reached no queue and were skipped
/// (Audit:Unrouted=Skip), {event}</description></item>
/// </list>
/// </summary>
internal sealed class WorkerMetrics
{
    public const string MeterName = "VoiceWorker";

    private readonly Counter<long> _published;
    private readonly Counter<long> _skipped;

    public WorkerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _published = meter.CreateCounter<long>("voice_worker.audit.published", "{event}");
        _skipped = meter.CreateCounter<long>("voice_worker.audit.skipped", "{event}");
    }

    public void Published(int delivered, int skipped)
    {
        _published.Add(delivered);
        _skipped.Add(skipped);
    }
}
