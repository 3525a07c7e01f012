using MassTransit;
using VoiceWorker.Bus;
using VoiceWorker.Calls;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Contracts.Validation;
using VoiceWorker.Voices;

namespace VoiceWorker.Verbs.Stub;

/// <summary>CallStarted → the voice of the table, by the worker's own policy; a repeat gets the first answer.</summary>
internal sealed class StubCalls(
    StubTable table, StubManner manner, VoiceCatalogue catalogue, Replies replies, TimeProvider time)
    : IConsumer<CallStarted>
{
    private readonly Remembered<string, CallVoice> _answers = new();

    public async Task Consume(ConsumeContext<CallStarted> context)
    {
        InvalidMessageException.ThrowIfAny(ContractRules.Check(context.Message));
        var answer = _answers.GetOrAdd(context.Message.CallId, _ => Decide(context.Message));
        if (manner.IsSilent || !Replies.IsWanted(context))
            return;
        await Task.Delay(manner.Delay, time, context.CancellationToken);
        replies.Send(context, answer, ContractsJson.Default.CallVoice, EnvelopeJson.Default.ReplyEnvelopeCallVoice);
    }

    private CallVoice Decide(CallStarted call)
    {
        var decision = VoicePolicy.Resolve(table.Of(call.BusinessId), catalogue);
        return new(call.CallId, call.BusinessId, decision.VoiceId, decision.Source, decision.Reason);
    }
}

/// <summary>How the stub answers.</summary>
/// <param name="Delay">Before each answer.</param>
/// <param name="IsSilent">Whether it answers nothing.</param>
internal sealed record StubManner(TimeSpan Delay, bool IsSilent);
