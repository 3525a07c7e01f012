using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Verification;
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
    /// <summary>What <c>audit verify</c> finds.</summary>
    public IReadOnlyList<string> Differences { get; init; } = [];

    /// <summary>Call ids that a reply has come for.</summary>
    public HashSet<string> Answered => Replies.Select(reply => reply.Properties.CorrelationId ?? "").ToHashSet();

    /// <summary>Call ids that want a reply.</summary>
    public IEnumerable<string> Asking => Plan.Calls.Where(call => call.Asks).Select(call => call.CallId);

    /// <summary>Whether nothing more is to come.</summary>
    public bool IsAtRest =>
        (Hurt.HasFlag(Hurt.History) || IsRecorded) && Recorded is { Outbox: 0, Unpublished: 0 }
        && Audit.Select(e => e.Properties.MessageId).Distinct().Count() >= Recorded.Events.Count
        && Queues.Values.All(count => count == 0)
        && ((Hurt & (Hurt.Broker | Hurt.History)) != 0 || Answered.IsSupersetOf(Asking));

    private bool IsRecorded =>
        Recorded.Calls.Count >= Plan.Calls.Count() && Recorded.Changes.Count >= Plan.Changes.Count();

    /// <summary>The same with what <c>audit verify</c> finds.</summary>
    public async Task<Outcome> VerifiedAsync(LegacyDatabase database, CancellationToken cancellationToken)
    {
        await using var connections = new PostgresConnections(database.ConnectionString, "public");
        var differences = new List<string>();
        await foreach (var one in new AuditVerification(connections).FindAsync(cancellationToken))
            differences.Add($"{one.Kind}: {one.Text}");
        return this with { Differences = differences };
    }

    /// <summary>The same without the messages that have neither a row nor an event: for
    /// <see cref="Hurt.History"/>.</summary>
    public Outcome WithoutLost()
    {
        var told = Audit.Select(CauseOf).ToHashSet();
        var lost = Plan.Messages.Select(message => message.Cause).Where(cause => !told.Contains(cause)
            && !Recorded.Calls.ContainsKey(cause) && !Recorded.Changes.ContainsKey(cause)).ToHashSet();
        return this with
        {
            Plan = Plan.Without(lost),
            Replies = [.. Replies.Where(reply => !lost.Contains(reply.Properties.CorrelationId ?? ""))],
        };
    }

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
