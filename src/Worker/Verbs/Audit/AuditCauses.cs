using System.Text.Json.Nodes;
using Npgsql;
using VoiceWorker.Changes;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Businesses;
using VoiceWorker.Persistence.Retention;
using VoiceWorker.Verbs.Shell;
using VoiceWorker.Voices;

namespace VoiceWorker.Verbs.Audit;

/// <summary>Which change an event comes from: the one that set the voice of a call, or the one that beat a rejected
/// change.</summary>
/// <param name="connection">Free between two events.</param>
internal sealed class AuditCauses(NpgsqlConnection connection)
{
    private readonly VoiceChangeEvents _changes = new(connection);

    /// <summary>Null for an event that no change is behind.</summary>
    public async Task<AuditCause?> FindAsync(AuditEvent told, CancellationToken cancellationToken) => told switch
    {
        CallVoiceResolved { Reason: VoiceReason.BusinessVoice } call => await OfCallAsync(call, cancellationToken),
        CallVoiceResolved call => AuditCause.None(
            AuditCause.OfCall, $"no change: it is the default voice of the settings ({WireName.Of(call.Reason)})"),
        BusinessVoiceChangeRejected { Reason: ChangeRejection.Superseded } change =>
            await OfRejectedAsync(change, cancellationToken),
        _ => null,
    };

    private async Task<AuditCause> OfCallAsync(CallVoiceResolved call, CancellationToken cancellationToken)
    {
        if (await _changes.FindLatestAsync(call.Stream, call.Sequence, cancellationToken) is { } latest)
        {
            return VoiceCatalogue.AreEqual(latest.VoiceId, call.VoiceId)
                ? AuditCause.Of(AuditCause.OfCall, latest)
                : AuditCause.None(AuditCause.OfCall, Otherwise(latest));
        }

        if (await FindRemovedAsync(call.Stream, cancellationToken) is not { } removed)
            return AuditCause.None(AuditCause.OfCall, "nothing recorded set it");
        var row = await StandingChange.FindAsync(connection, call.BusinessId, call.OccurredAt, cancellationToken);
        return row is not null && VoiceCatalogue.AreEqual(row.VoiceId, call.VoiceId)
            ? AuditCause.Of(AuditCause.OfCall, row, removed)
            : AuditCause.None(AuditCause.OfCall, $"not known: {removed}");
    }

    private static string Otherwise(BusinessVoiceUpdated latest) =>
        $"nothing recorded set it: the latest change before, sequence {latest.Sequence}, set {latest.VoiceId}; the "
        + "application has written the column since, or the call was decided while that change was made";

    // Changes that are made follow each other in this order, unless the clocks of their workers differ.
    private async Task<AuditCause> OfRejectedAsync(
        BusinessVoiceChangeRejected rejected, CancellationToken cancellationToken)
    {
        var latest = await _changes.FindLatestAsync(rejected.Stream, rejected.Sequence, cancellationToken);
        if (latest is not null && !Beats(rejected, latest.ChangedAt, latest.OccurredAt, latest.VoiceId))
            latest = await _changes.FindGreatestAsync(rejected.Stream, rejected.Sequence, cancellationToken);
        if (latest is not null && Beats(rejected, latest.ChangedAt, latest.OccurredAt, latest.VoiceId))
            return AuditCause.Of(AuditCause.OfRejected, latest);
        if (await FindRemovedAsync(rejected.Stream, cancellationToken) is not { } removed)
            return AuditCause.None(AuditCause.OfRejected, "not known: no later change is in the store");
        var row = await StandingChange.FindAsync(
            connection, rejected.BusinessId, rejected.OccurredAt, cancellationToken);
        return row is not null && Beats(rejected, row.ChangedAt, row.DecidedAt, row.VoiceId)
            ? AuditCause.Of(AuditCause.OfRejected, row, removed)
            : AuditCause.None(AuditCause.OfRejected, $"not known: {removed}");
    }

    private static bool Beats(
        BusinessVoiceChangeRejected rejected, DateTimeOffset changedAt, DateTimeOffset recordedAt, string voiceId) =>
        ChangePolicy.IsEarlier(
            (ChangePolicy.InstantOf(rejected.ChangedAt, rejected.OccurredAt), rejected.VoiceId),
            (ChangePolicy.InstantOf(changedAt, recordedAt), voiceId));

    // Null when the stream is there from its beginning.
    private async Task<string?> FindRemovedAsync(string stream, CancellationToken cancellationToken)
    {
        if (await _changes.FindFirstSequenceAsync(stream, cancellationToken) is not (> 1 and var first))
            return null;
        var horizon = await RetentionTable.ReadAsync(connection, RetentionStore.Audit, cancellationToken);
        return horizon.RemovedUntil is { } until
            ? $"retention has removed the events before sequence {first}, up to {Terminal.Instant(until)}"
            : $"the events before sequence {first} are missing: run audit verify";
    }
}

/// <summary>The change behind an event.</summary>
/// <param name="Name">Of the field that tells of it.</param>
/// <param name="EventId">Null when there is none, or it is not known.</param>
/// <param name="Sequence">In the stream of the event; null also when retention has removed the change's event.</param>
/// <param name="VoiceId">The voice that it set.</param>
/// <param name="ChangedAt">As its producer said.</param>
/// <param name="ChangedBy">As its producer said, if it did.</param>
/// <param name="Note">Why something is missing here.</param>
internal sealed record AuditCause(
    string Name, Guid? EventId, long? Sequence, string? VoiceId, DateTimeOffset? ChangedAt, string? ChangedBy,
    string? Note)
{
    /// <summary>The field of a call.</summary>
    public const string OfCall = "voiceSetBy";

    /// <summary>The field of a change that was rejected for a later one.</summary>
    public const string OfRejected = "supersededBy";

    /// <summary>The key of what is said in words.</summary>
    public const string NoteKey = "note";

    public static AuditCause Of(string name, BusinessVoiceUpdated change) => new(
        name, change.EventId, change.Sequence, change.VoiceId, change.ChangedAt, change.ChangedBy, null);

    public static AuditCause Of(string name, StandingChange row, string removed) => new(
        name, row.EventId, null, row.VoiceId, row.ChangedAt, row.ChangedBy, removed);

    public static AuditCause None(string name, string note) => new(name, null, null, null, null, null, note);

    /// <summary>All keys, whatever is known.</summary>
    public JsonObject ToJson() => new()
    {
        ["eventId"] = EventId?.ToString(),
        ["sequence"] = Sequence,
        ["voiceId"] = VoiceId,
        ["changedAt"] = ChangedAt is { } changedAt ? WireTime.Of(changedAt) : null,
        ["changedBy"] = ChangedBy,
        [NoteKey] = Note,
    };
}
