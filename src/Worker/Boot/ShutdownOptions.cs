using System.ComponentModel.DataAnnotations;

namespace VoiceWorker.Boot;

/// <summary>Section <c>Shutdown</c>.</summary>
public sealed class ShutdownOptions
{
    /// <summary>How long deliveries in flight may take to finish; the rest is redelivered.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00",
        ErrorMessage = "Shutdown:Timeout must be between 00:00:01 and 00:10:00 (hh:mm:ss).")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(25);
}
