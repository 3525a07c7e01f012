using Npgsql;

namespace VoiceWorker.Persistence.Schema;

/// <summary>Who holds a table or waits for it.</summary>
internal static class BlockerQuery
{
    /// <summary>As long as there has been no blocker.</summary>
    public const string Nobody = "nobody";

    // Every granted lock conflicts with ACCESS EXCLUSIVE; a prepared transaction has no process. Who waits for one that
    // conflicts with SHARE UPDATE EXCLUSIVE comes before us and may wait for us.
    private const string Sql = """
        SELECT string_agg(DISTINCT CASE WHEN l.pid IS NULL THEN 'a prepared transaction (see pg_prepared_xacts)'
                   ELSE format('pid %s (%s, %s, transaction since %s s%s)', l.pid,
                       COALESCE(NULLIF(a.application_name, ''), 'no application name'),
                       COALESCE(a.usename, a.backend_type),
                       COALESCE(extract(epoch FROM clock_timestamp() - a.xact_start)::bigint, 0),
                       CASE WHEN NOT l.granted THEN ', waits for ' || l.mode ELSE '' END) END, '; ')
                   FILTER (WHERE l.granted OR l.mode = ANY($2)),
               COALESCE(bool_or(NOT l.granted AND l.mode = ANY($2)), false)
        FROM pg_locks AS l LEFT JOIN pg_stat_activity AS a USING (pid)
        WHERE l.relation = $1::regclass AND l.pid IS DISTINCT FROM pg_backend_pid()
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """;

    private static readonly string[] AlteringModes =
    [
        "ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock",
    ];

    /// <summary>Pid, application, user and age of the transaction of each, null when there is none any more; and
    /// whether another session waits to alter the table.</summary>
    public static async Task<(string? Blockers, bool IsAltererWaiting)> ReadAsync(
        NpgsqlConnection connection, string table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = table },
                new NpgsqlParameter<string[]> { TypedValue = AlteringModes },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (await reader.IsDBNullAsync(0, cancellationToken) ? null : reader.GetString(0), reader.GetBoolean(1));
    }
}
