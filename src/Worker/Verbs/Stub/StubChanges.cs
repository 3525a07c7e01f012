using MassTransit;
using VoiceWorker.Bus;
using VoiceWorker.Changes;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Contracts.Validation;
using VoiceWorker.Voices;

namespace VoiceWorker.Verbs.Stub;

/// <summary>BusinessVoiceChanged → the table, by the worker's own policy; a repeat gets the first outcome.</summary>
internal sealed class StubChanges(
    StubTable table, StubManner manner, VoiceCatalogue catalogue, Replies replies, TimeProvider time)
    : IConsumer<BusinessVoiceChanged>
{
    private readonly Remembered<(int, DateTimeOffset, string), ChangeRejection?> _outcomes = new();
    private readonly Dictionary<int, (DateTimeOffset At, string VoiceId)> _standing = [];

    public async Task Consume(ConsumeContext<BusinessVoiceChanged> context)
    {
        InvalidMessageException.ThrowIfAny(ContractRules.Check(context.Message));
        var change = context.Message with { VoiceId = catalogue.Spell(context.Message.VoiceId) };
        var rejection = _outcomes.GetOrAdd((change.BusinessId, change.ChangedAt, change.VoiceId), _ => Make(change));
        if (manner.IsSilent || !Replies.IsWanted(context))
            return;
        await Task.Delay(manner.Delay, time, context.CancellationToken);
        var result = new VoiceChangeResult(
            change.BusinessId, change.VoiceId, change.ChangedAt,
            rejection is null ? ChangeOutcome.Updated : ChangeOutcome.Rejected, rejection,
            table.Of(change.BusinessId).VoiceId);
        replies.Send(
            context, result, ContractsJson.Default.VoiceChangeResult,
            EnvelopeJson.Default.ReplyEnvelopeVoiceChangeResult);
    }

    // One at a time: the memory of outcomes has a lock.
    private ChangeRejection? Make(BusinessVoiceChanged change)
    {
        var now = time.GetUtcNow();
        (DateTimeOffset, string)? standing =
            _standing.TryGetValue(change.BusinessId, out var latest) ? latest : null;
        if (ChangePolicy.Reject(change, now, table.Of(change.BusinessId), standing, catalogue) is { } rejection)
            return rejection;
        _standing[change.BusinessId] = (ChangePolicy.InstantOf(change, now), change.VoiceId);
        table.Set(change.BusinessId, change.VoiceId);
        return null;
    }
}
