using Npgsql;
using NpgsqlTypes;

namespace VoiceWorker.Persistence;

/// <summary><c>voice.worker</c>: which workers run, by their own word, and which of them are to drain.</summary>
public static class WorkerTable
{
    // The clock is the server's: rows of several machines are compared. What is long gone is dropped on the way.
    // Whether it is to drain is not the worker's to write.
    private const string BeatSql = """
        WITH gone AS (DELETE FROM voice.worker WHERE gone_at < now() - interval '1 day')
        INSERT INTO voice.worker AS w
            (worker_id, host, version, started_at, seen_at, gone_at, is_leader, is_ready, calls_per_second, held,
             paused, in_flight, drained, replies, replies_p50_ms, replies_p99_ms, fallback_share)
        VALUES ($1, $2, $3, now(), now(), now() + $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        ON CONFLICT (worker_id) DO UPDATE SET seen_at = EXCLUDED.seen_at, gone_at = EXCLUDED.gone_at,
            is_leader = EXCLUDED.is_leader, is_ready = EXCLUDED.is_ready,
            calls_per_second = EXCLUDED.calls_per_second, held = EXCLUDED.held,
            paused = EXCLUDED.paused, in_flight = EXCLUDED.in_flight, drained = EXCLUDED.drained,
            replies = EXCLUDED.replies, replies_p50_ms = EXCLUDED.replies_p50_ms,
            replies_p99_ms = EXCLUDED.replies_p99_ms, fallback_share = EXCLUDED.fallback_share
        """;

    private const string TellSql = """
        UPDATE voice.worker SET paused = $2, in_flight = $3, drained = $4 WHERE worker_id = $1
        """;

    private const string RunningSql = """
        SELECT worker_id, host, version, started_at, is_leader, is_ready, calls_per_second, held,
               is_draining, paused, in_flight, drained, replies, replies_p50_ms, replies_p99_ms, fallback_share
        FROM voice.worker WHERE gone_at > now() ORDER BY started_at, worker_id
        """;

    private const string DrainSql = """
        UPDATE voice.worker SET is_draining = $2 WHERE worker_id = $1 AND is_draining <> $2
        """;

    /// <summary>Writes this worker's row.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="worker">How it is.</param>
    /// <param name="lifetime">For how long that is believed.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    public static async Task BeatAsync(
        NpgsqlConnection connection, WorkerState worker, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(BeatSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = worker.WorkerId },
                new NpgsqlParameter<string> { TypedValue = worker.Host },
                new NpgsqlParameter<string> { TypedValue = worker.Version },
                new NpgsqlParameter<TimeSpan> { TypedValue = lifetime },
                new NpgsqlParameter<bool> { TypedValue = worker.IsLeader },
                new NpgsqlParameter<bool> { TypedValue = worker.IsReady },
                new NpgsqlParameter<double> { TypedValue = worker.CallsPerSecond },
                new NpgsqlParameter<string?> { TypedValue = worker.Held, NpgsqlDbType = NpgsqlDbType.Text },
                Paused(worker.Consuming),
                Number(worker.Consuming?.InFlight, NpgsqlDbType.Integer),
                new NpgsqlParameter<bool> { TypedValue = worker.Consuming?.IsDrained ?? false },
                Number(worker.Replies?.Count, NpgsqlDbType.Bigint),
                Number(worker.Replies?.P50Ms, NpgsqlDbType.Double),
                Number(worker.Replies?.P99Ms, NpgsqlDbType.Double),
                Number(worker.Replies?.FallbackShare, NpgsqlDbType.Double),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Writes what this worker consumes, between two beats; before its first row nothing.</summary>
    public static async Task TellAsync(
        NpgsqlConnection connection, Guid workerId, WorkerConsuming consuming, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(TellSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = workerId },
                Paused(consuming),
                Number<int>(consuming.InFlight, NpgsqlDbType.Integer),
                new NpgsqlParameter<bool> { TypedValue = consuming.IsDrained },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Asks a worker to consume nothing more, or to go on.</summary>
    /// <returns>Whether that is another order than it had; false as well when it has no row.</returns>
    public static async Task<bool> DrainAsync(
        NpgsqlConnection connection, Guid workerId, bool isDraining, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(DrainSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = workerId },
                new NpgsqlParameter<bool> { TypedValue = isDraining },
            },
        };
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Those that run, the oldest first.</summary>
    public static async Task<IReadOnlyList<WorkerState>> RunningAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(RunningSql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var running = new List<WorkerState>();
        while (await reader.ReadAsync(cancellationToken))
            running.Add(Read(reader));
        return running;
    }

    private static WorkerState Read(NpgsqlDataReader reader) => new(
        reader.GetString(1), reader.GetString(2), reader.GetBoolean(4), reader.GetBoolean(5), reader.GetDouble(6),
        reader.TextAt(7), ReadConsuming(reader), ReadReplies(reader))
    {
        WorkerId = reader.GetGuid(0), StartedAt = reader.GetFieldValue<DateTimeOffset>(3),
        IsDraining = reader.GetBoolean(8),
    };

    private static WorkerConsuming? ReadConsuming(NpgsqlDataReader reader) => reader.IsDBNull(9) ? null
        : new(reader.GetFieldValue<string[]>(9), reader.GetInt32(10), reader.GetBoolean(11));

    private static WorkerReplies? ReadReplies(NpgsqlDataReader reader) => reader.IsDBNull(12) ? null
        : new(reader.GetInt64(12), reader.DoubleAt(13), reader.DoubleAt(14), reader.DoubleAt(15));

    private static NpgsqlParameter Paused(WorkerConsuming? consuming) => new()
    {
        Value = (object?)consuming?.Paused.ToArray() ?? DBNull.Value,
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
    };

    private static NpgsqlParameter Number<T>(T? number, NpgsqlDbType type) where T : struct =>
        new() { Value = (object?)number ?? DBNull.Value, NpgsqlDbType = type };
}
