using System.ComponentModel.DataAnnotations;

namespace VoiceWorker.Relay;

/// <summary>Section <c>Audit</c>.</summary>
internal sealed class AuditOptions
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

    /// <summary>How often the relay looks without having been woken; must stay below
    /// <see cref="VoiceWorker.Persistence.Audit.RelayLeadership.Lease"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:05")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>After how many events they are sealed.</summary>
    [Range(1, 100_000)]
    public int SealEvents { get; set; } = 10_000;

    /// <summary>How long an event waits at most for its seal.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan SealInterval { get; set; } = TimeSpan.FromMinutes(10);
}

/// <summary>What becomes of an event that no queue is bound for.</summary>
internal enum UnroutedPolicy
{
    /// <summary>It waits, with all after it, for the first consumer that binds.</summary>
    Hold,

    /// <summary>It counts as done and stays in the store for replay: for consumers that bind only some types.</summary>
    Skip,
}
