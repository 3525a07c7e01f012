using VoiceWorker.Contracts;
using VoiceWorker.Tests.Faults.Traffic;

namespace VoiceWorker.Tests.Faults.Verdict;

/// <summary>All that can be seen from outside.</summary>
/// <param name="Hurt">What the script hurts while calls are answered.</param>
/// <param name="Plan">What was published, and confirmed.</param>
/// <param name="Recorded">What the database says.</param>
/// <param name="Audit">Audit events as they arrived.</param>
/// <param name="Replies">Replies as they arrived.</param>
/// <param name="Queues">Messages in the worker's queues.</param>
public sealed record Outcome(
    Hurt Hurt, TrafficPlan Plan, Recorded Recorded, IReadOnlyList<Delivery> Audit, IReadOnlyList<Delivery> Replies,
    IReadOnlyDictionary<string, uint> Queues)
{
    /// <summary>Call ids that a reply has come for.</summary>
    public HashSet<string> Answered => Replies.Select(reply => reply.Properties.CorrelationId ?? "").ToHashSet();

    /// <summary>Call ids that want a reply.</summary>
    public IEnumerable<string> Asking => Plan.Calls.Where(call => call.Asks).Select(call => call.CallId);

    /// <summary>Whether nothing more is to come.</summary>
    public bool IsAtRest =>
        Recorded.Calls.Count >= Plan.Calls.Count() && Recorded.Changes.Count >= Plan.Changes.Count()
        && Recorded is { Outbox: 0, Unpublished: 0 }
        && Audit.Select(e => e.Properties.MessageId).Distinct().Count() >= Recorded.Events.Count
        && Queues.Values.All(count => count == 0)
        && (Hurt.HasFlag(Hurt.Broker) || Answered.IsSupersetOf(Asking));

    /// <summary>The cause of an event, as the plan names it; the migration has none.</summary>
    public static string? CauseOf(Delivery auditEvent) => auditEvent.Properties.Type switch
    {
        nameof(CallVoiceResolved) => auditEvent.Field("callId"),
        nameof(BusinessVoiceUpdated) or nameof(BusinessVoiceChangeRejected) => new ChangeMessage(
            (int)auditEvent.Json["businessId"]!, auditEvent.Field("voiceId"),
            (DateTimeOffset)auditEvent.Json["changedAt"]!).Identity,
        _ => null,
    };
}
