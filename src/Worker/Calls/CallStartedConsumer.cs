using System.ComponentModel.DataAnnotations;
using MassTransit;
using Microsoft.Extensions.Options;
using VoiceWorker.Bus;
using VoiceWorker.Commit;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Contracts.Validation;
using VoiceWorker.Observability;
using VoiceWorker.Servers;
using VoiceWorker.Voices;

namespace VoiceWorker.Calls;

/// <summary>CallStarted → the call's voice, recorded once, answered to the caller.</summary>
internal sealed class CallStartedConsumer(
    PendingCalls calls, VoiceCatalogue catalogue, Replies replies, IOptions<ReplyOptions> options, TimeProvider time,
    WorkerMetrics metrics)
    : IConsumer<CallStarted>, IFastConsumer<CallStarted>
{
    /// <summary>Validate → decide → record → reply; the delivery is acknowledged when this completes.</summary>
    public async Task Consume(ConsumeContext<CallStarted> context)
    {
        InvalidMessageException.ThrowIfAny(ContractRules.Check(context.Message));

        var (pending, commit) = calls.Join(context.Message, TraceParent.Of(context));
        var recorded = commit.WaitAsync(context.CancellationToken);
        if (Replies.IsWanted(context))
        {
            var answer = IsWorthAnsweringEarly(context)
                ? await AnswerInTimeAsync(pending, recorded, context.CancellationToken)
                : await recorded;
            if (replies.Send(
                context, answer, ContractsJson.Default.CallVoice, EnvelopeJson.Default.ReplyEnvelopeCallVoice))
                metrics.Replied(context.ReceiveContext.ElapsedTime, answer.Reason);
        }

        await recorded;
        metrics.Processed(InputQueue.CallStarted.Name, context.ReceiveContext.ElapsedTime);
    }

    /// <inheritdoc />
    public bool Accepts(CallStarted message) => ContractRules.Check(message).Count == 0;

    /// <summary>The same without MassTransit, for a call that may be answered early.</summary>
    public async Task ConsumeAsync(CallStarted message, FastDelivery delivery)
    {
        var (pending, recorded) = calls.Join(message, TraceParent.Of(delivery));
        var answered = Task.CompletedTask;
        if (delivery.ReplyTo is { } caller)
        {
            var answer = await AnswerInTimeAsync(pending, recorded, delivery.Lost);
            delivery.Lost.ThrowIfCancellationRequested();
            delivery.IsAnswered = true;
            answered = replies.SendTo(caller, delivery.CorrelationId, answer, ContractsJson.Default.CallVoice);
            metrics.Replied(delivery.Elapsed, answer.Reason);
        }

        await recorded;
        metrics.Processed(InputQueue.CallStarted.Name, delivery.Elapsed);
        await answered;
    }

    // A redelivered call can be recorded already, and its deadline has passed; a caller with less patience than the
    // deadline is gone by then: only the record can answer them.
    private bool IsWorthAnsweringEarly(ConsumeContext context) =>
        !context.ReceiveContext.Redelivered && !(replies.PatienceLeft(context) <= options.Value.Deadline);

    private async Task<CallVoice> AnswerInTimeAsync(
        PendingCall pending, Task<CallVoice> recorded, CancellationToken cancellationToken)
    {
        // Gives its timer back when the call is recorded, as nearly all are.
        Task inTime = recorded.WaitAsync(options.Value.Deadline, time, cancellationToken);
        await inTime.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (recorded.IsCompleted)
            return await recorded;
        cancellationToken.ThrowIfCancellationRequested();
        var decision = pending.Decide(VoicePolicy.WithoutDatabase(catalogue));
        return new CallVoice(
            pending.Call.CallId, pending.Call.BusinessId, decision.VoiceId, decision.Source, decision.Reason);
    }
}

/// <summary>Section <c>Replies</c>.</summary>
internal sealed class ReplyOptions
{
    /// <summary>When the database has not answered by then, the caller gets the default voice.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromMilliseconds(250);
}

/// <summary>The use case: a call gets its voice.</summary>
internal static class CallRegistration
{
    public static IServiceCollection AddCalls(this IServiceCollection services) => services
        .AddGroupCommit<PendingCall, CallVoice, CallTransaction>("calls", metrics => metrics.Called)
        .AddSingleton<PendingCalls>()
        .AddInput<CallStarted, CallStartedConsumer>(
            InputQueue.CallStarted, ContractsJson.Default.CallStarted, EnvelopeJson.Default.EnvelopeCallStarted);
}
