using System.Diagnostics;
using OpenTelemetry;

namespace VoiceWorker.Observability;

/// <summary>Drops the span of a statement that belongs to no work: the worker looking whether there is any.</summary>
internal sealed class LoneStatementFilter : BaseProcessor<Activity>
{
    public override void OnStart(Activity span)
    {
        if (span.Source.Name != "Npgsql" || span.ParentSpanId != default)
            return;
        span.IsAllDataRequested = false;
        span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }
}
