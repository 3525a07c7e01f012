namespace VoiceWorker.Client;

/// <summary>RabbitMQ has not confirmed a change in time: it may have been sent or not. Send it again with the same
/// <see cref="ChangedAt"/>: a change that arrives twice has one effect.</summary>
public sealed class NotConfirmedException : VoiceWorkerException
{
    /// <summary>For stand-ins of <see cref="IVoiceClient"/> too.</summary>
    /// <param name="reason">Why, as far as it is known; without secrets.</param>
    /// <param name="changedAt">Of the change.</param>
    public NotConfirmedException(string reason, DateTimeOffset changedAt)
        : base($"the change is not confirmed: {reason}") => ChangedAt = changedAt;

    /// <summary>Of the change.</summary>
    public DateTimeOffset ChangedAt { get; }
}
