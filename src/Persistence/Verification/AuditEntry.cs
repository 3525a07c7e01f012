using System.Text.Json;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Persistence.Verification;

/// <summary>An event as it is kept, in the store or still in the outbox.</summary>
/// <param name="EventId">Its id.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="Sequence">Its sequence; null while it waits in the outbox.</param>
/// <param name="Position">mt_events.seq_id; null while it waits in the outbox.</param>
/// <param name="Contract">Its contract; null for one that this version does not know.</param>
/// <param name="Body">Its own fields as JSON.</param>
public sealed record AuditEntry(
    Guid EventId, string Stream, long? Sequence, long? Position, Type? Contract, string Body)
{
    /// <summary>Where it is, for people.</summary>
    public string Place => Sequence is { } sequence
        ? $"event {EventId} ({Stream}, {sequence})" : $"event {EventId} ({Stream}, in the outbox)";

    /// <summary>The event without its sequence; null when it is not what its contract says.</summary>
    public AuditEvent? Read()
    {
        try
        {
            return Contract is null ? null : AuditJson.Read(Contract, Body) with { EventId = EventId, Stream = Stream };
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
