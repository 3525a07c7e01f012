using Npgsql;
using NpgsqlTypes;

namespace VoiceWorker.Persistence;

/// <summary>Which history of which database a server continues. Each promotion begins a timeline with a higher number;
/// what its standby had not received is in the history before and not in this one.</summary>
/// <param name="Database">System identifier and database, the same on a primary and its standbys.</param>
/// <param name="Timeline">0 where the server does not tell.</param>
public sealed record HistoryOrigin(string Database, int Timeline)
{
    // Together and by a role without rights; services that keep their log elsewhere refuse one or the other.
    private const string Sql = $"""
        SELECT (SELECT system_identifier FROM pg_control_system()) || '/'
                   || (SELECT oid FROM pg_database WHERE datname = current_database()),
               {TimelineGuard.TimelineSql}
        """;

    private const string NoteSql =
        "UPDATE voice.relay_checkpoint SET history_database = $1, history_timeline = $2";

    /// <summary>Of a server that does not tell: nothing can be concluded from being on the same one.</summary>
    public static HistoryOrigin Untold { get; } = new("", 0);

    /// <summary>Whether it says which history this is.</summary>
    public bool IsTold => Timeline > 0;

    /// <summary>Asks the server of a session.</summary>
    /// <param name="session">Without an open transaction.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<HistoryOrigin> ReadAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = new NpgsqlCommand(Sql, session);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return new(reader.GetString(0), reader.GetInt32(1));
        }
        catch (PostgresException untold) when (IsUntold(untold))
        {
            return Untold;
        }
    }

    /// <summary>Whether a server refuses to tell, rather than that this one query failed.</summary>
    internal static bool IsUntold(PostgresException refusal) =>
        SqlFailure.Of(refusal).Kind is not FailureKind.Outage
        && refusal.SqlState is not PostgresErrorCodes.QueryCanceled and not PostgresErrorCodes.LockNotAvailable;

    /// <summary>Writes it beside the checkpoint: from then on this is the history that a leader goes on with.</summary>
    /// <param name="session">The leader's, with or without an open transaction.</param>
    /// <param name="cancellationToken">Cancels the update.</param>
    public async Task NoteAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(NoteSql, session)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = Database, NpgsqlDbType = NpgsqlDbType.Text },
                new NpgsqlParameter<int> { TypedValue = Timeline },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>The checkpoint with the history that it belongs to.</summary>
/// <param name="Published">Position up to which every event is published.</param>
/// <param name="At">When it was last moved, by the clock of its server.</param>
/// <param name="Origin">Null before the first leader that notes it, and without a checkpoint.</param>
public sealed record NotedHistory(long Published, DateTimeOffset At, HistoryOrigin? Origin)
{
    private const string Sql =
        "SELECT published_seq, updated_at, history_database, history_timeline FROM voice.relay_checkpoint";

    /// <summary>Reads it.</summary>
    /// <param name="session">Any.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<NotedHistory> ReadAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return new(0, DateTimeOffset.MinValue, Origin: null);
        return new(
            reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1),
            reader.IsDBNull(2) ? null : new(reader.GetString(2), reader.GetInt32(3)));
    }
}
