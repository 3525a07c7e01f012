using System.ComponentModel.DataAnnotations;

namespace VoiceWorker.Relay;

/// <summary>Section <c>Audit</c>.</summary>
public sealed class AuditOptions
{
    /// <summary>A durable queue for the worker to declare and bind to every audit event; none by default, so that no
    /// queue fills up unread.</summary>
    [MaxLength(255, ErrorMessage = "the name of a queue, at most {1} characters")]
    public string? DeclareQueue { get; set; }

    /// <summary>What becomes of an event that no queue is bound for.</summary>
    [EnumDataType(typeof(UnroutedPolicy))]
    public UnroutedPolicy Unrouted { get; set; } = UnroutedPolicy.Hold;

    /// <summary>Events per transaction of the sequencer, and per wait for confirms.</summary>
    [Range(1, 5_000)]
    public int PageSize { get; set; } = 2_000;

    /// <summary>How often the relay looks without having been woken; must stay below the 10 s after which PostgreSQL
    /// ends the session of a leader that says nothing.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:05")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);
}
