using Npgsql;

namespace VoiceWorker.Persistence.Audit;

/// <summary>Which events of the store are meant: those that every filter lets pass. One that asks for a field which an
/// event does not have lets it not pass.</summary>
public sealed record AuditQuery
{
    /// <summary>Only of this stream; null means of all.</summary>
    public string? Stream { get; init; }

    /// <summary>Only of this call; null means whatever they are about.</summary>
    public string? CallId { get; init; }

    /// <summary>Only the event of this id.</summary>
    public Guid? EventId { get; init; }

    /// <summary>Not decided before; null means from the beginning.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Decided before; null means to the end.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only with these sequences in their stream.</summary>
    public SequenceRange Sequences { get; init; } = SequenceRange.All;

    /// <summary>Only of this contract.</summary>
    public Type? Type { get; init; }

    /// <summary>Only with this reason, as on the wire.</summary>
    public string? Reason { get; init; }

    /// <summary>Only with this source of the voice, as on the wire.</summary>
    public string? Source { get; init; }

    /// <summary>Only with this voice in <c>voiceId</c>, whatever its case.</summary>
    public string? Voice { get; init; }

    /// <summary>Not beyond this position, so that reading ends on a store that grows.</summary>
    public long LastPosition { get; init; } = long.MaxValue;

    /// <summary>Whether the latest come first.</summary>
    public bool NewestFirst { get; init; }

    /// <summary>What orders the events that are found. The store has an index for each of the two.</summary>
    internal string Key => Stream is null ? "seq_id" : "version";

    /// <summary>That of an event.</summary>
    internal long KeyOf(StoredEvent stored) => Stream is null ? stored.Position : stored.Event.Sequence;

    /// <summary>By that, in the direction that is asked for.</summary>
    internal string OrderSql => $"ORDER BY {Key} {(NewestFirst ? "DESC" : "ASC")}";

    /// <summary>Whether events lie within the range of the key that are not meant.</summary>
    internal bool IsSparse => this != new AuditQuery
    {
        Stream = Stream, NewestFirst = NewestFirst,
        Sequences = Stream is null ? SequenceRange.All : Sequences,
        LastPosition = Stream is null ? LastPosition : long.MaxValue,
    };

    /// <summary>Adds the conditions; no value becomes SQL.</summary>
    /// <param name="filter">Of a statement on <c>voice_audit.mt_events</c>.</param>
    internal void AddTo(EventFilter filter)
    {
        filter.Add("stream_id <>", EventStore.TombstoneStream);
        if (Stream is not null)
            filter.Add("stream_id =", Stream);
        if (LastPosition < long.MaxValue)
            filter.Add("seq_id <=", LastPosition);
        if (Sequences != SequenceRange.All)
        {
            filter.Add("version >=", Sequences.First);
            filter.Add("version <=", Sequences.Last);
        }

        if (EventId is { } eventId)
            filter.Add("id =", eventId);
        if (Type is not null)
            filter.Add("type =", StoredTypes.EventNameOf(Type));
        AddFields(filter);
    }

    private void AddFields(EventFilter filter)
    {
        if (CallId is not null)
            filter.Add($"{AuditTrail.Field("callId")} =", CallId);
        if (Reason is not null)
            filter.Add($"{AuditTrail.Field("reason")} =", Reason);
        if (Source is not null)
            filter.Add($"{AuditTrail.Field("source")} =", Source);
        if (Voice is not null)
            filter.Add($"lower({AuditTrail.Field("voiceId")}) = lower(", Voice, ")");
        if (From is { } from)
            filter.Add($"{AuditTrail.Field("occurredAt")}::timestamptz >=", from.UtcDateTime);
        if (To is { } to)
            filter.Add($"{AuditTrail.Field("occurredAt")}::timestamptz <", to.UtcDateTime);
    }
}

/// <summary>Sequences within a stream, both ends included.</summary>
/// <param name="First">From 1.</param>
/// <param name="Last">Not before the first.</param>
public sealed record SequenceRange(long First, long Last)
{
    /// <summary>Every one.</summary>
    public static SequenceRange All { get; } = new(1, long.MaxValue);
}

/// <summary>The conditions of a statement, each with its parameter.</summary>
/// <param name="command">Gets the parameters.</param>
internal sealed class EventFilter(NpgsqlCommand command)
{
    private readonly List<string> _conditions = [];

    /// <summary>All of them.</summary>
    public string Sql => string.Join(" AND ", _conditions);

    /// <summary>One more.</summary>
    /// <param name="condition">SQL before the parameter: never anything that was given.</param>
    /// <param name="value">Of the parameter.</param>
    /// <param name="end">SQL behind it.</param>
    public void Add<T>(string condition, T value, string end = "")
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        _conditions.Add($"{condition} ${command.Parameters.Count}{end}");
    }
}
