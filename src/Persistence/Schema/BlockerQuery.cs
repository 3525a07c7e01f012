using Npgsql;

namespace VoiceWorker.Persistence.Schema;

/// <summary>Who holds a table.</summary>
internal static class BlockerQuery
{
    /// <summary>What there is to say when whoever it was has gone.</summary>
    public const string Nobody = "nobody any more";

    // Every granted lock conflicts with ACCESS EXCLUSIVE; a prepared transaction has no process.
    private const string Sql = $"""
        SELECT COALESCE(string_agg(DISTINCT CASE WHEN l.pid IS NULL THEN 'a prepared transaction (see pg_prepared_xacts)'
                   ELSE format('pid %s (%s, %s, transaction since %s s)', l.pid,
                       COALESCE(NULLIF(a.application_name, ''), 'no application name'), COALESCE(a.usename, a.backend_type),
                       COALESCE(extract(epoch FROM clock_timestamp() - a.xact_start)::bigint, 0)) END, '; '), '{Nobody}')
        FROM pg_locks AS l LEFT JOIN pg_stat_activity AS a USING (pid)
        WHERE l.relation = $1::regclass AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """;

    /// <summary>Pid, application, user and age of the transaction of each; or that there is nobody any more.</summary>
    public static async Task<string> ReadAsync(
        NpgsqlConnection connection, string table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = table } },
        };
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
