using System.Diagnostics.Metrics;
using VoiceWorker.Persistence.Retention;

namespace VoiceWorker.Observability;

/// <summary>
/// Every metric of the worker.
/// <list type="table">
/// <item><term>voice_worker.audit.published</term><description>events that the broker confirmed, {event}</description></item>
/// <item><term>voice_worker.audit.skipped</term><description>events that reached no queue and were skipped
/// (Audit:Unrouted=Skip), {event}</description></item>
/// <item><term>voice_worker.retention.removed</term><description>rows removed because of their age, by <c>store</c>
/// (decisions, audit), {row}</description></item>
/// </list>
/// </summary>
internal sealed class WorkerMetrics
{
    public const string MeterName = "VoiceWorker";

    private readonly Counter<long> _published;
    private readonly Counter<long> _skipped;
    private readonly Counter<long> _removed;

    public WorkerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _published = meter.CreateCounter<long>("voice_worker.audit.published", "{event}");
        _skipped = meter.CreateCounter<long>("voice_worker.audit.skipped", "{event}");
        _removed = meter.CreateCounter<long>("voice_worker.retention.removed", "{row}");
    }

    public void Published(int delivered, int skipped)
    {
        _published.Add(delivered);
        _skipped.Add(skipped);
    }

    public void Removed(RetentionStore store, long rows) =>
        _removed.Add(rows, new KeyValuePair<string, object?>("store", store is RetentionStore.Decisions ? "decisions" : "audit"));
}
