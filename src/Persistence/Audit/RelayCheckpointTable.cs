using Npgsql;

namespace VoiceWorker.Persistence.Audit;

/// <summary><c>voice.relay_checkpoint</c>: the position up to which every event is published.</summary>
public static class RelayCheckpointTable
{
    private const string ReadSql = "SELECT published_seq FROM voice.relay_checkpoint";

    /// <summary>Moves it forward to $1. Never backwards: a leader that thaws late must not undo what its successor
    /// achieved.</summary>
    internal const string AdvanceSql =
        "UPDATE voice.relay_checkpoint SET published_seq = $1, updated_at = now() WHERE published_seq < $1";

    private const string UnpublishedSql = $"""
        SELECT count(*), min(e.timestamp) FROM voice_audit.mt_events AS e, voice.relay_checkpoint AS c
        WHERE e.seq_id > c.published_seq AND e.stream_id <> '{EventStore.TombstoneStream}'
        """;

    /// <summary>Reads it.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<long> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReadSql, connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Moves it forward, for a leader that leaves; otherwise the sequencer's statement does.</summary>
    /// <param name="connection">The leader's, with or without a transaction.</param>
    /// <param name="position">Everything up to it is confirmed by the broker.</param>
    /// <param name="cancellationToken">Cancels the update.</param>
    public static async Task AdvanceAsync(
        NpgsqlConnection connection, long position, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(AdvanceSql, connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = position } },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>How many sequenced events wait to be published, and since when the oldest does.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<(long Count, DateTimeOffset? Oldest)> UnpublishedAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(UnpublishedSql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1));
    }
}
