using System.ComponentModel.DataAnnotations;

namespace VoiceWorker.Boot;

/// <summary>Section <c>Shutdown</c>.</summary>
public sealed class ShutdownOptions
{
    /// <summary>From SIGTERM to the end of the process; deliveries in flight that do not finish in it are
    /// redelivered.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(25);
}
