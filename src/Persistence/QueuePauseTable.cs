using Npgsql;
using NpgsqlTypes;

namespace VoiceWorker.Persistence;

/// <summary><c>voice.queue_pause</c>: queues that no worker is to consume.</summary>
public static class QueuePauseTable
{
    private const string AllSql = "SELECT queue, paused_at, paused_by, note FROM voice.queue_pause ORDER BY queue";

    // Of a row that was there already, the second part tells; of one that somebody else adds at this moment, none does.
    private const string PauseSql = """
        WITH added AS (
            INSERT INTO voice.queue_pause (queue, paused_at, paused_by, note) VALUES ($1, now(), $2, $3)
            ON CONFLICT (queue) DO NOTHING RETURNING queue, paused_at, paused_by, note)
        SELECT queue, paused_at, paused_by, note, true AS is_new FROM added
        UNION ALL SELECT queue, paused_at, paused_by, note, false FROM voice.queue_pause WHERE queue = $1
        ORDER BY is_new DESC LIMIT 1
        """;

    private const string ResumeSql = """
        DELETE FROM voice.queue_pause WHERE queue = $1 RETURNING queue, paused_at, paused_by, note
        """;

    /// <summary>Every queue that is paused.</summary>
    public static async Task<IReadOnlyList<QueuePause>> ReadAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(AllSql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var paused = new List<QueuePause>();
        while (await reader.ReadAsync(cancellationToken))
            paused.Add(Read(reader));
        return paused;
    }

    /// <summary>Pauses a queue; one that is paused already stays as it is.</summary>
    /// <param name="connection">With or without an open transaction.</param>
    /// <param name="queue">Its full name.</param>
    /// <param name="pausedBy">Who does it.</param>
    /// <param name="note">Why; null when nothing is said.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    /// <returns>The pause in force, and whether it is this one.</returns>
    public static async Task<(QueuePause Pause, bool IsNew)> PauseAsync(
        NpgsqlConnection connection, string queue, string pausedBy, string? note, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PauseSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = queue },
                new NpgsqlParameter<string> { TypedValue = pausedBy },
                new NpgsqlParameter<string?> { TypedValue = note, NpgsqlDbType = NpgsqlDbType.Text },
            },
        };
        while (true)
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            if (await reader.ReadAsync(cancellationToken))
                return (Read(reader), reader.GetBoolean(4));
        }
    }

    /// <summary>Ends the pause of a queue.</summary>
    /// <returns>The pause that has ended; null when there was none.</returns>
    public static async Task<QueuePause?> ResumeAsync(
        NpgsqlConnection connection, string queue, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ResumeSql, connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = queue } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    private static QueuePause Read(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetString(2), reader.TextAt(3));
}

/// <summary>A queue that is paused.</summary>
/// <param name="Queue">Its full name.</param>
/// <param name="PausedAt">Since when, by the database.</param>
/// <param name="PausedBy">Who did it.</param>
/// <param name="Note">Why; null when nothing was said.</param>
public sealed record QueuePause(string Queue, DateTimeOffset PausedAt, string PausedBy, string? Note);
