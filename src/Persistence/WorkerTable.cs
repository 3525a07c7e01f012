using Npgsql;
using NpgsqlTypes;

namespace VoiceWorker.Persistence;

/// <summary><c>voice.worker</c>: which workers run, by their own word.</summary>
public static class WorkerTable
{
    // The clock is the server's: rows of several machines are compared. What is long gone is dropped on the way.
    private const string BeatSql = """
        WITH gone AS (DELETE FROM voice.worker WHERE gone_at < now() - interval '1 day')
        INSERT INTO voice.worker AS w
            (worker_id, host, version, started_at, seen_at, gone_at, is_leader, is_ready, calls_per_second, held)
        VALUES ($1, $2, $3, now(), now(), now() + $4, $5, $6, $7, $8)
        ON CONFLICT (worker_id) DO UPDATE SET seen_at = EXCLUDED.seen_at, gone_at = EXCLUDED.gone_at,
            is_leader = EXCLUDED.is_leader, is_ready = EXCLUDED.is_ready,
            calls_per_second = EXCLUDED.calls_per_second, held = EXCLUDED.held
        """;

    private const string RunningSql = """
        SELECT host, version, started_at, is_leader, is_ready, calls_per_second, held
        FROM voice.worker WHERE gone_at > now() ORDER BY started_at, worker_id
        """;

    /// <summary>Writes this worker's row.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="workerId">Of this process.</param>
    /// <param name="worker">How it is.</param>
    /// <param name="lifetime">For how long that is believed.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    public static async Task BeatAsync(
        NpgsqlConnection connection, Guid workerId, WorkerState worker, TimeSpan lifetime,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(BeatSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = workerId },
                new NpgsqlParameter<string> { TypedValue = worker.Host },
                new NpgsqlParameter<string> { TypedValue = worker.Version },
                new NpgsqlParameter<TimeSpan> { TypedValue = lifetime },
                new NpgsqlParameter<bool> { TypedValue = worker.IsLeader },
                new NpgsqlParameter<bool> { TypedValue = worker.IsReady },
                new NpgsqlParameter<double> { TypedValue = worker.CallsPerSecond },
                new NpgsqlParameter<string?> { TypedValue = worker.Held, NpgsqlDbType = NpgsqlDbType.Text },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Those that run, the oldest first.</summary>
    public static async Task<IReadOnlyList<WorkerState>> RunningAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(RunningSql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var running = new List<WorkerState>();
        while (await reader.ReadAsync(cancellationToken))
        {
            running.Add(new WorkerState(
                reader.GetString(0), reader.GetString(1), reader.GetBoolean(3), reader.GetBoolean(4),
                reader.GetDouble(5), reader.TextAt(6),
                reader.GetFieldValue<DateTimeOffset>(2)));
        }

        return running;
    }
}

/// <summary>One worker as it says of itself.</summary>
/// <param name="Host">The machine.</param>
/// <param name="Version">Of its assembly.</param>
/// <param name="IsLeader">Whether it relays.</param>
/// <param name="IsReady">Whether it consumes.</param>
/// <param name="CallsPerSecond">Calls that it answered since its row was written before.</param>
/// <param name="Held">Why it holds audit events, or cannot lead; null while it can.</param>
/// <param name="StartedAt">When its first row was written; null before.</param>
public sealed record WorkerState(
    string Host, string Version, bool IsLeader, bool IsReady, double CallsPerSecond, string? Held,
    DateTimeOffset? StartedAt = null);
