using System.ComponentModel.DataAnnotations;

namespace VoiceWorker.Observability;

/// <summary>Section <c>Observability</c>. What goes to a collector is said by OpenTelemetry's own variables,
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> first of all.</summary>
public sealed class ObservabilityOptions
{
    /// <summary>Whether <c>/metrics</c> answers, for Prometheus.</summary>
    public bool Prometheus { get; set; } = true;

    /// <summary>How often the worker looks at what it measures by asking: waiting audit events, dead letters,
    /// readiness. Scraping asks nobody.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "00:05:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Queues of audit consumers whose length and consumers are measured as well, beside
    /// <c>Audit:DeclareQueue</c>: RabbitMQ tells nobody which queues are bound.</summary>
    public string[] AuditQueues { get; set; } = [];
}
