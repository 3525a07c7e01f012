using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using VoiceWorker.Persistence;

namespace VoiceWorker.Observability;

/// <summary>Where metrics and traces go: /metrics for Prometheus, and by OTLP to the collector that OpenTelemetry's own
/// variables name. Without one nothing listens to spans, and none is created.</summary>
internal static class Telemetry
{
    // Npgsql's and the runtime's own meters measure by statement and process, not by message.
    private static readonly string[] Meters = [WorkerMetrics.MeterName, "Npgsql", "System.Runtime"];

    // Weaker than anything that the operator says. A group's span has a link to each of its messages; a collector that
    // is unresponsive must not keep the process from ending.
    private static readonly Dictionary<string, string?> Defaults = new()
    {
        ["OTEL_SPAN_LINK_COUNT_LIMIT"] = "5000",
        ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "2000",
    };

    /// <summary>Adds both, for the verb <c>run</c>.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(
            0, new MemoryConfigurationSource { InitialData = Defaults });
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(Describe).WithMetrics(metrics =>
        {
            metrics.AddMeter(Meters).AddView(Choose).AddPrometheusExporter();
            if (IsExported(builder.Configuration, "METRICS"))
                metrics.AddOtlpExporter();
        });
        if (IsExported(builder.Configuration, "TRACES"))
            telemetry.WithTracing(Trace);
    }

    /// <summary>Maps /metrics, unless Observability:Prometheus says no.</summary>
    public static void MapMetrics(this WebApplication worker)
    {
        if (worker.Services.GetRequiredService<IOptions<ObservabilityOptions>>().Value.Prometheus)
            worker.MapPrometheusScrapingEndpoint("/metrics");
    }

    private static void Trace(TracerProviderBuilder traces) => traces
        .AddSource(Tracing.SourceName, "Npgsql").AddProcessor(new LoneStatementFilter()).AddOtlpExporter();

    // Npgsql names a pool by its connection string; all else that it measures is by pool.
    private static MetricStreamConfiguration? Choose(Instrument instrument) => instrument switch
    {
        { Meter.Name: not "Npgsql" } => null,
        { Name: "db.client.operation.duration" } => new() { TagKeys = ["db.system.name", "error.type"] },
        _ => MetricStreamConfiguration.Drop,
    };

    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have the last word.
    private static void Describe(ResourceBuilder resource) => resource
        .AddService("voice-worker", serviceVersion: typeof(Telemetry).Assembly.GetName().Version!.ToString(3))
        .AddEnvironmentVariableDetector();

    private static bool IsExported(ConfigurationManager configuration, string signal) =>
        configuration[$"OTEL_{signal}_EXPORTER"] != "none"
        && (!string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])
            || !string.IsNullOrEmpty(configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"]));
}

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

/// <summary>Section <c>Observability</c>. What goes to a collector is set by OpenTelemetry's own variables,
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> first of all.</summary>
internal sealed class ObservabilityOptions
{
    /// <summary>Whether <c>/metrics</c> answers, for Prometheus.</summary>
    public bool Prometheus { get; set; } = true;

    /// <summary>How often the worker looks at what it measures by asking: waiting audit events, dead letters,
    /// readiness. A scrape asks no server.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "00:05:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Queues of audit consumers whose length and consumers are measured as well, beside
    /// <c>Audit:DeclareQueue</c>: RabbitMQ does not say which queues are bound.</summary>
    public string[] AuditQueues { get; set; } = [];
}
