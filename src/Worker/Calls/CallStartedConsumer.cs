using MassTransit;
using Microsoft.Extensions.Options;
using VoiceWorker.Bus;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Validation;
using VoiceWorker.Observability;
using VoiceWorker.Servers;
using VoiceWorker.Voices;

namespace VoiceWorker.Calls;

/// <summary>CallStarted → the call's voice, recorded once, answered to whoever asked.</summary>
public sealed class CallStartedConsumer(
    PendingCalls calls, VoiceCatalogue catalogue, IOptions<ReplyOptions> replies, TimeProvider time, WorkerMetrics metrics)
    : IConsumer<CallStarted>
{
    /// <summary>Validate → decide → record → reply.</summary>
    /// <param name="context">The delivery; it is acknowledged when this completes.</param>
    public async Task Consume(ConsumeContext<CallStarted> context)
    {
        InvalidMessageException.ThrowIfAny(ContractRules.Check(context.Message));

        var (pending, commit) = calls.Join(context.Message, TraceParent.Of(context));
        var recorded = commit.WaitAsync(context.CancellationToken);
        if (CallReply.IsWanted(context))
        {
            var answer = IsWorthAnsweringEarly(context)
                ? await AnswerInTimeAsync(pending, recorded, context.CancellationToken)
                : await recorded;
            if (await CallReply.SendAsync(context, answer, time.GetUtcNow()))
                metrics.Replied(context.ReceiveContext.ElapsedTime);
        }

        await recorded;
        metrics.Processed(QueueNames.CallStarted, context.ReceiveContext.ElapsedTime);
    }

    // A redelivered call can be recorded already, and its deadline has passed; a caller with less patience than the
    // deadline is gone by then: only the record can answer them.
    private bool IsWorthAnsweringEarly(ConsumeContext context) =>
        !context.ReceiveContext.Redelivered && !(CallReply.PatienceLeft(context, time.GetUtcNow()) <= replies.Value.Deadline);

    private async Task<CallVoice> AnswerInTimeAsync(
        PendingCall pending, Task<CallVoice> recorded, CancellationToken cancellationToken)
    {
        // Gives its timer back when the call is recorded, as nearly all are.
        Task inTime = recorded.WaitAsync(replies.Value.Deadline, time, cancellationToken);
        await inTime.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (recorded.IsCompleted)
            return await recorded;
        cancellationToken.ThrowIfCancellationRequested();
        var decision = pending.Decide(VoicePolicy.WithoutDatabase(catalogue));
        return new CallVoice(
            pending.Call.CallId, pending.Call.BusinessId, decision.VoiceId, decision.Source, decision.Reason);
    }
}
