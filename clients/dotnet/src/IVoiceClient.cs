using VoiceWorker.Contracts;

namespace VoiceWorker.Client;

/// <summary>
/// Asks the Voice Worker for the voices of calls, and tells it of changes. One for each program, shared by all of it:
/// it has one connection, which it opens again whenever it is lost.
/// </summary>
public interface IVoiceClient : IAsyncDisposable
{
    /// <summary>What became of the calls so far.</summary>
    VoiceCounts Counts { get; }

    /// <summary>Begins to connect, so that the first call does not wait for it, and goes on trying whatever comes of
    /// the wait. What is added by <c>AddVoiceWorkerClient</c> does so when the host starts.</summary>
    /// <param name="timeout">How long to wait; that for changes when it is not given.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it has been connected in time; the task need not be awaited.</returns>
    Task<bool> ConnectAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// The voice for a call: the worker's answer, or the default when none has come after <paramref name="timeout"/>.
    /// It never waits longer, also while RabbitMQ or the worker is away. The same <paramref name="callId"/> asked
    /// again gets the answer that it got first.
    /// </summary>
    /// <param name="businessId">Whom the call is for: 1 … 2^31-1.</param>
    /// <param name="callId">Of the telephony provider, 1–64 printable characters.</param>
    /// <param name="timeout">The client's when it is not given.</param>
    /// <param name="defaultVoice">The client's when it is not given.</param>
    /// <param name="startedAt">When the call began; now when it is not given.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ContractException">An argument breaks the contract.</exception>
    /// <exception cref="OperationCanceledException">The token says so.</exception>
    Task<Voice> VoiceForAsync(
        int businessId, string callId, TimeSpan? timeout = null, string? defaultVoice = null,
        DateTimeOffset? startedAt = null, CancellationToken cancellationToken = default);

    /// <summary>Gives a business another voice, and says what became of it.</summary>
    /// <param name="businessId">1 … 2^31-1.</param>
    /// <param name="voiceId">The new voice, 1–32 printable characters.</param>
    /// <param name="changedBy">Who changed it, at most 128 characters.</param>
    /// <param name="timeout">How long to wait for the result; the client's when it is not given.</param>
    /// <param name="changedAt">When it was changed; now when it is not given. The later change stands.</param>
    /// <param name="cancellationToken">Ends the wait; the change may have been sent.</param>
    /// <exception cref="ContractException">An argument breaks the contract, or the worker cannot record the change.
    /// </exception>
    /// <exception cref="NotConfirmedException">RabbitMQ has not confirmed the change in time.</exception>
    /// <exception cref="OperationCanceledException">The token says so.</exception>
    Task<VoiceChange> ChangeVoiceAsync(
        int businessId, string voiceId, string? changedBy = null, TimeSpan? timeout = null,
        DateTimeOffset? changedAt = null, CancellationToken cancellationToken = default);

    /// <summary>Sends a change and returns when RabbitMQ has it, so that it is not lost; for outboxes.</summary>
    /// <param name="change">It can be sent again: it has one effect.</param>
    /// <param name="timeout">How long to wait for the confirm; the client's for changes when it is not given.</param>
    /// <param name="cancellationToken">Ends the wait; the change may have been sent.</param>
    /// <exception cref="ContractException">It breaks the contract.</exception>
    /// <exception cref="NotConfirmedException">RabbitMQ has not confirmed it in time.</exception>
    /// <exception cref="OperationCanceledException">The token says so.</exception>
    Task PublishAsync(
        BusinessVoiceChanged change, TimeSpan? timeout = null, CancellationToken cancellationToken = default);
}
