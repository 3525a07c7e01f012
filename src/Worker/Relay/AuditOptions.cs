using System.ComponentModel.DataAnnotations;

namespace VoiceWorker.Relay;

/// <summary>Section <c>Audit</c>.</summary>
public sealed class AuditOptions
{
    /// <summary>A durable queue for the worker to declare and bind to every audit event; none by default, so that no
    /// queue fills up unread.</summary>
    [MaxLength(255, ErrorMessage = "Audit:DeclareQueue must be the name of a queue, at most 255 characters.")]
    public string? DeclareQueue { get; set; }

    /// <summary>What becomes of an event that no queue is bound for.</summary>
    [EnumDataType(typeof(UnroutedPolicy), ErrorMessage = "Audit:Unrouted must be Hold or Skip.")]
    public UnroutedPolicy Unrouted { get; set; } = UnroutedPolicy.Hold;

    /// <summary>Events per transaction of the sequencer, and per wait for confirms.</summary>
    [Range(1, 5_000, ErrorMessage = "Audit:PageSize must be between 1 and 5000.")]
    public int PageSize { get; set; } = 2_000;

    /// <summary>How often the relay looks without having been woken; must stay below the 10 s after which PostgreSQL
    /// ends the session of a leader that says nothing.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:05",
        ErrorMessage = "Audit:PollInterval must be between 00:00:00.100 and 00:00:05 (hh:mm:ss.fff).")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);
}
