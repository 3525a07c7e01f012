using MassTransit;

namespace VoiceWorker.Bus;

/// <summary>A failed request as MassTransit's request client reads it.</summary>
internal sealed class FaultReply
{
    public Guid FaultId { get; } = NewId.NextGuid();
    public required Guid? FaultedMessageId { get; init; }
    public required DateTime Timestamp { get; init; }
    public required FaultReason[] Exceptions { get; init; }
    public required string[] FaultMessageTypes { get; init; }

    /// <summary>What was asked; the caller's own.</summary>
    public required object Message { get; init; }
}
