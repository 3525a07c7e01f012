using System.ComponentModel.DataAnnotations;

namespace VoiceWorker.Boot;

/// <summary>Section <c>Boot</c>.</summary>
public sealed class BootOptions
{
    /// <summary>How long to wait for PostgreSQL and RabbitMQ, each, before giving up.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);
}
