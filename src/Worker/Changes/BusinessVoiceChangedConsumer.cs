using MassTransit;
using VoiceWorker.Bus;
using VoiceWorker.Commit;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Validation;
using VoiceWorker.Observability;
using VoiceWorker.Servers;
using VoiceWorker.Voices;

namespace VoiceWorker.Changes;

/// <summary>BusinessVoiceChanged → the business has the voice of its latest change.</summary>
internal sealed class BusinessVoiceChangedConsumer(
    GroupCommit<PendingChange, ChangeRejection?> changes, VoiceCatalogue catalogue, ChangesAhead ahead,
    WorkerMetrics metrics)
    : IConsumer<BusinessVoiceChanged>
{
    /// <summary>Validate → decide → record; nobody is owed a reply.</summary>
    /// <param name="context">The delivery; it is acknowledged when this completes.</param>
    public async Task Consume(ConsumeContext<BusinessVoiceChanged> context)
    {
        InvalidMessageException.ThrowIfAny(ContractRules.Check(context.Message));

        var change = context.Message with { VoiceId = catalogue.Spell(context.Message.VoiceId) };
        ahead.Note(change);
        await changes.SubmitAsync(new PendingChange(change, TraceParent.Of(context)), context.CancellationToken);
        metrics.Processed(InputQueue.BusinessVoiceChanged.Name, context.ReceiveContext.ElapsedTime);
    }
}
