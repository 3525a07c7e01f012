using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Persistence.Verification;

/// <summary>Events that a promoted database did not have, as <see cref="HistoryLost"/> names them.</summary>
internal sealed class LostEvents
{
    // By their type alone: everything is read here.
    private const string Sql = """
        SELECT stream_id, (lost ->> 'eventId')::uuid, (lost ->> 'sequence')::bigint,
               (lost ->> 'recordedAgain')::boolean, (data ->> 'isComplete')::boolean
        FROM voice_audit.mt_events LEFT JOIN jsonb_array_elements(data -> 'lost') AS lost ON true
        WHERE type = 'history_lost'
        """;

    private readonly HashSet<Guid> _ids = [];
    private readonly HashSet<Guid> _gone = [];
    private readonly HashSet<(string Stream, long Sequence)> _places = [];
    private bool _isIncomplete;

    /// <summary>Whether an event was lost. It may be there again without a row: a call that came again before was
    /// decided anew.</summary>
    /// <param name="eventId">Of the event.</param>
    public bool Contains(Guid eventId) => _ids.Contains(eventId);

    /// <summary>Whether an event came back with the hash that it was published with, and the one that this follows on
    /// did not: another one may be in its place.</summary>
    /// <param name="link">The event.</param>
    public bool HasLostPrevious(ChainLink link) =>
        Contains(link.EventId) && _places.Contains((link.Stream, link.Sequence - 1));

    /// <summary>Whether a seal came back and not all that it sealed.</summary>
    /// <param name="eventId">Of the seal.</param>
    public bool HasLostSealed(Guid eventId) => Contains(eventId) && (_isIncomplete || _gone.Count > 0);

    /// <summary>Reads all of them.</summary>
    public static async Task<LostEvents> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var lost = new LostEvents();
        while (await reader.ReadAsync(cancellationToken))
            lost.Add(reader);
        return lost;
    }

    private void Add(NpgsqlDataReader reader)
    {
        _isIncomplete |= !reader.IsDBNull(4) && !reader.GetBoolean(4);
        if (reader.IsDBNull(1))
            return;
        _ids.Add(reader.GetGuid(1));
        if (!reader.IsDBNull(3) && reader.GetBoolean(3))
            return;
        _gone.Add(reader.GetGuid(1));
        _places.Add((reader.GetString(0), reader.GetInt64(2)));
    }
}
