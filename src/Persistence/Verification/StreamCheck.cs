using System.Runtime.CompilerServices;
using Npgsql;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Persistence.Verification;

/// <summary>
/// Derives the sequences of every stream again from the order of the store. PostgreSQL walks it and returns only what
/// is wrong: a stream may have millions of events.
/// </summary>
internal static class StreamCheck
{
    // Where events were removed on purpose, the first that is left may have any sequence.
    private const string BrokenSql = $"""
        SELECT stream_id, previous, version, id FROM (
            SELECT stream_id, seq_id, version, id,
                   lag(version, 1, CASE WHEN $1 THEN version - 1 ELSE 0 END)
                       OVER (PARTITION BY stream_id ORDER BY seq_id) AS previous
            FROM voice_audit.mt_events WHERE stream_id <> '{EventStore.TombstoneStream}') AS event
        WHERE version <> previous + 1 ORDER BY stream_id, seq_id
        """;

    private const string EndsSql = $"""
        SELECT id, version, last FROM (
            SELECT COALESCE(stream.id, event.stream_id) AS id, stream.version, event.last
            FROM voice_audit.mt_streams AS stream FULL JOIN (
                SELECT stream_id, max(version) AS last FROM voice_audit.mt_events GROUP BY stream_id) AS event
            ON event.stream_id = stream.id) AS ends
        WHERE id <> '{EventStore.TombstoneStream}' AND version IS DISTINCT FROM last AND NOT ($1 AND last IS NULL)
        ORDER BY id
        """;

    /// <summary>Every place where a stream does not go on with the next number.</summary>
    /// <param name="horizon">How far events are gone.</param>
    public static IAsyncEnumerable<AuditDifference> FindBrokenAsync(
        NpgsqlConnection connection, AuditHorizon horizon, CancellationToken cancellationToken) =>
        ReadAsync(connection, BrokenSql, horizon, ReadBroken, cancellationToken);

    /// <summary>Every stream that has lost its end, which no gap shows.</summary>
    /// <param name="horizon">How far events are gone.</param>
    public static IAsyncEnumerable<AuditDifference> FindEndsAsync(
        NpgsqlConnection connection, AuditHorizon horizon, CancellationToken cancellationToken) =>
        ReadAsync(connection, EndsSql, horizon, ReadEnd, cancellationToken);

    private static async IAsyncEnumerable<AuditDifference> ReadAsync(
        NpgsqlConnection connection, string sql, AuditHorizon horizon, Func<NpgsqlDataReader, AuditDifference> read,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection)
        {
            CommandTimeout = 0, Parameters = { new NpgsqlParameter<bool> { TypedValue = horizon.Events > 0 } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            yield return read(reader);
    }

    private static AuditDifference ReadBroken(NpgsqlDataReader reader)
    {
        var (stream, previous, found) = (reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2));
        var what = (found - previous) switch
        {
            2 => $"sequence {previous + 1} is missing before event {reader.GetGuid(3)}",
            > 2 => $"sequences {previous + 1} to {found - 1} are missing before event {reader.GetGuid(3)}",
            _ => $"event {reader.GetGuid(3)} with sequence {found} comes after {previous}",
        };
        return new(DifferenceKind.SequenceBroken, $"stream {stream}: {what}")
        {
            Stream = stream, Sequence = found, EventId = reader.GetGuid(3),
        };
    }

    private static AuditDifference ReadEnd(NpgsqlDataReader reader)
    {
        var stream = reader.GetString(0);
        var said = reader.IsDBNull(1) ? "is not in voice_audit.mt_streams" : $"has got {reader.GetInt64(1)} events";
        var found = reader.IsDBNull(2) ? "none is there" : $"the last that is there is {reader.GetInt64(2)}";
        return new(DifferenceKind.StreamEndDiffers, $"stream {stream} {said}, and {found}")
        {
            Stream = stream, Sequence = reader.IsDBNull(2) ? null : reader.GetInt64(2),
        };
    }
}

/// <summary>
/// Whether as many events are gone from the beginnings of streams as were removed on purpose: where some were, the
/// first that is left may have any sequence, and no gap shows a further loss.
/// </summary>
internal static class RemovalCheck
{
    private const string Sql = $"""
        SELECT COALESCE(sum(COALESCE(event.first - 1, stream.version)), 0)::bigint
        FROM voice_audit.mt_streams AS stream LEFT JOIN (
            SELECT stream_id, min(version) AS first FROM voice_audit.mt_events GROUP BY stream_id) AS event
        ON event.stream_id = stream.id
        WHERE stream.id <> '{EventStore.TombstoneStream}'
        """;

    /// <summary>What is wrong; null when nothing is.</summary>
    /// <param name="horizon">How far events are removed; while none are, a gap shows a loss.</param>
    public static async Task<AuditDifference?> FindAsync(
        NpgsqlConnection connection, AuditHorizon horizon, CancellationToken cancellationToken)
    {
        if (horizon.Events == 0)
            return null;
        await using var command = new NpgsqlCommand(Sql, connection) { CommandTimeout = 0 };
        var gone = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        return gone == horizon.EventsRemoved ? null : new(
            DifferenceKind.RemovalImplausible,
            $"{gone} events are gone from the beginnings of streams, "
            + $"and voice.retention has removed {horizon.EventsRemoved}");
    }
}
