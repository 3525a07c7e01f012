using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Verbs.Audit;

/// <summary>Events with all that is known of them: of a call, of a business, or of everything.</summary>
internal static class History
{
    /// <summary>All of them, one after the other.</summary>
    /// <param name="connection">Free between two entries.</param>
    /// <param name="events">From it.</param>
    public static async IAsyncEnumerable<HistoryEntry> ReadAsync(
        NpgsqlConnection connection, IAsyncEnumerable<StoredEvent> events,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var causes = new AuditCauses(connection);
        await foreach (var stored in events.WithCancellation(cancellationToken))
            yield return new(stored, await causes.FindAsync(stored.Event, cancellationToken));
    }

    /// <summary>One page of them, within a time: see <see cref="AuditPage"/>.</summary>
    /// <param name="after"><see cref="AuditPage.Next"/> of the page before; null for the first page.</param>
    public static async Task<HistoryPage> ReadPageAsync(
        NpgsqlConnection connection, AuditQuery query, long? after, int size, TimeSpan patience, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var place = await CallPlace.FindAsync(connection, query, cancellationToken);
        var page = await AuditPage.ReadAsync(
            connection, place.Query, after, size, patience, time, cancellationToken);
        var entries = ReadAsync(connection, page.Events.ToAsyncEnumerable(), cancellationToken);
        return new(await entries.ToListAsync(cancellationToken), page, place.RecordedFor);
    }
}

/// <summary>A page of a history.</summary>
/// <param name="Entries">In the order of the query.</param>
/// <param name="Page">Where the next one begins, and how far this one has looked.</param>
/// <param name="RecordedFor">The business of the call that was asked for; null when no call was, or it has no
/// row.</param>
internal sealed record HistoryPage(IReadOnlyList<HistoryEntry> Entries, AuditPage Page, int? RecordedFor);

/// <summary>An event with its cause.</summary>
/// <param name="Stored">The event and its place.</param>
/// <param name="Cause">Which change decided; null where none can have.</param>
internal sealed record HistoryEntry(StoredEvent Stored, AuditCause? Cause)
{
    /// <summary>The voice that a call got, a change set, or one asked for; null for what is of no voice.</summary>
    public string? VoiceId => Stored.Event switch
    {
        CallVoiceResolved call => call.VoiceId,
        BusinessVoiceUpdated change => change.VoiceId,
        BusinessVoiceChangeRejected change => change.VoiceId,
        _ => null,
    };

    /// <summary>Who made the change or acted; null when nobody said.</summary>
    public string? Who => Stored.Event switch
    {
        BusinessVoiceUpdated change => change.ChangedBy,
        BusinessVoiceChangeRejected change => change.ChangedBy,
        OperatorActed act => act.Operator,
        _ => null,
    };

    /// <summary>When a change was made, as its producer said; null for what is no change.</summary>
    public DateTimeOffset? ChangedAt => Stored.Event switch
    {
        BusinessVoiceUpdated change => change.ChangedAt,
        BusinessVoiceChangeRejected change => change.ChangedAt,
        _ => null,
    };

    /// <summary>When it was decided and recorded, by the worker.</summary>
    public DateTimeOffset RecordedAt => Stored.Event.OccurredAt;

    /// <summary>Why, in a sentence; null for what says it all itself.</summary>
    public string? InWords => ReasonText.Of(Stored.Event);

    /// <summary>Of the message behind it; null without a trace.</summary>
    public string? TraceId => Tracing.Parse(Stored.TraceParent) is var trace && trace != default
        ? trace.TraceId.ToHexString() : null;

    /// <summary>As on the wire, with its place in the store, its trace, its reason in words and its cause.</summary>
    public JsonObject ToJson()
    {
        var fields = AuditScreen.Json(Stored);
        fields["position"] = Stored.Position;
        fields["traceparent"] = Stored.TraceParent;
        fields["traceId"] = TraceId;
        if (InWords is { } words)
            fields["inWords"] = words;
        if (Cause is not null)
            fields[Cause.Name] = Cause.ToJson();
        return fields;
    }
}
