using System.Diagnostics;
using MassTransit;
using VoiceWorker.Bus;
using VoiceWorker.Commit;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Contracts.Validation;
using VoiceWorker.Observability;
using VoiceWorker.Servers;
using VoiceWorker.Voices;

namespace VoiceWorker.Changes;

/// <summary>BusinessVoiceChanged → the business has the voice of its latest change; whoever asks is told.</summary>
internal sealed class BusinessVoiceChangedConsumer(
    GroupCommit<PendingChange, VoiceChangeResult> changes, VoiceCatalogue catalogue, ChangesAhead ahead,
    Replies replies, WorkerMetrics metrics)
    : IConsumer<BusinessVoiceChanged>
{
    /// <summary>Validate → decide → record → reply; the delivery is acknowledged when this completes.</summary>
    public async Task Consume(ConsumeContext<BusinessVoiceChanged> context)
    {
        InvalidMessageException.ThrowIfAny(ContractRules.Check(context.Message));

        var change = context.Message with { VoiceId = catalogue.Spell(context.Message.VoiceId) };
        ahead.Note(change);
        var result = await changes.SubmitAsync(
            new PendingChange(change, TraceParent.Of(context)), context.CancellationToken);
        if (Replies.IsWanted(context))
        {
            replies.Send(
                context, result, ContractsJson.Default.VoiceChangeResult,
                EnvelopeJson.Default.ReplyEnvelopeVoiceChangeResult);
        }

        metrics.Processed(InputQueue.BusinessVoiceChanged.Name, context.ReceiveContext.ElapsedTime);
    }
}

/// <summary>A change of voice between its arrival and its commit.</summary>
/// <param name="Change">What was asked, its voice id as the catalogue spells it.</param>
/// <param name="TraceParent">W3C trace context of the message, if any.</param>
internal sealed record PendingChange(BusinessVoiceChanged Change, string? TraceParent) : ITraced
{
    /// <summary>The span of its delivery, until it is committed; null without a listener.</summary>
    public Activity? Span { get; set; } = Activity.Current;
}

/// <summary>Changes whose time is ahead of the clock by more than clocks differ: a wrong clock, or milliseconds for
/// seconds. Each counts as of when it is recorded.</summary>
internal sealed class ChangesAhead(WorkerMetrics metrics, TimeProvider time, ILogger<ChangesAhead> logger)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private DateTimeOffset _nextLine;
    private int _unlogged;

    /// <summary>Counts the change if it is one; logs the first of a minute.</summary>
    public void Note(BusinessVoiceChanged change)
    {
        var now = time.GetUtcNow();
        if (change.ChangedAt - now <= Tolerance)
            return;
        metrics.ChangedAhead();
        int others;
        lock (_lock)
        {
            if (now < _nextLine)
            {
                _unlogged++;
                return;
            }

            (others, _unlogged, _nextLine) = (_unlogged, 0, now + BetweenLines);
        }

        logger.ChangeAhead(change.BusinessId, change.ChangedAt, others);
    }
}

/// <summary>The use case: a business gets another voice.</summary>
internal static class ChangeRegistration
{
    public static IServiceCollection AddChanges(this IServiceCollection services) => services
        .AddSingleton<ChangesAhead>()
        .AddGroupCommit<PendingChange, VoiceChangeResult, ChangeTransaction>("changes", metrics => metrics.Changed)
        .AddInput<BusinessVoiceChanged, BusinessVoiceChangedConsumer>(
            InputQueue.BusinessVoiceChanged, ContractsJson.Default.BusinessVoiceChanged,
            EnvelopeJson.Default.EnvelopeBusinessVoiceChanged);
}
