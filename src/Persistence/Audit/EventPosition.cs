using Npgsql;

namespace VoiceWorker.Persistence.Audit;

/// <summary>
/// Time → position in the store. There is no index by time, and none is needed: with one sequencer positions grow with
/// time, so some thirty probes of the primary key find the place, however large the store is.
/// </summary>
internal static class EventPosition
{
    // Events are decided by the worker's clock and sequenced, later, by the database's.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    private const string BoundsSql =
        "SELECT COALESCE(min(seq_id), 0), COALESCE(max(seq_id), 0) FROM voice_audit.mt_events";

    private const string ProbeSql =
        "SELECT seq_id, timestamp < $2 FROM voice_audit.mt_events WHERE seq_id >= $1 ORDER BY seq_id LIMIT 1";

    /// <summary>A position before every event that was decided at an instant or later; few others lie behind
    /// it.</summary>
    /// <param name="instant">By the worker's clock.</param>
    public static async Task<long> BeforeAsync(
        NpgsqlConnection connection, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var (first, last) = await ReadBoundsAsync(connection, cancellationToken);
        var from = instant - DateTimeOffset.MinValue > ClockTolerance ? instant - ClockTolerance : instant;
        var (low, high) = (first, last + 1);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var (found, isBefore) = await ProbeAsync(connection, middle, from, cancellationToken);
            if (isBefore)
                low = found + 1;
            else
                high = middle;
        }

        return low - 1;
    }

    /// <summary>A position behind every event that was recorded before an instant.</summary>
    /// <param name="instant">By the database's clock.</param>
    public static async Task<long> AfterAsync(
        NpgsqlConnection connection, DateTimeOffset instant, CancellationToken cancellationToken) =>
        await BeforeAsync(connection, instant + ClockTolerance, cancellationToken) + 1;

    /// <summary>Where the store ends; 0 when it is empty.</summary>
    public static async Task<long> LastAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await ReadBoundsAsync(connection, cancellationToken)).Last;

    private static async Task<(long First, long Last)> ReadBoundsAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(BoundsSql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    private static async Task<(long Position, bool IsBefore)> ProbeAsync(
        NpgsqlConnection connection, long position, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ProbeSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = position },
                new NpgsqlParameter<DateTime> { TypedValue = instant.UtcDateTime },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (reader.GetInt64(0), reader.GetBoolean(1)) : (position, false);
    }
}
