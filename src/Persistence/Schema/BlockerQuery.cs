using Npgsql;

namespace VoiceWorker.Persistence.Schema;

/// <summary>Who holds a table.</summary>
internal static class BlockerQuery
{
    private const string Sql = """
        SELECT string_agg(DISTINCT format('pid %s (%s, %s, transaction since %s s)', a.pid,
                   COALESCE(NULLIF(a.application_name, ''), 'no application name'), COALESCE(a.usename, a.backend_type),
                   COALESCE(extract(epoch FROM clock_timestamp() - a.xact_start)::bigint, 0)), '; ')
        FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
        WHERE l.relation = $1::regclass AND l.granted AND l.pid <> pg_backend_pid()
        """;

    /// <summary>Pid, application, user and age of the transaction of each; or that there is nobody any more.</summary>
    public static async Task<string> ReadAsync(NpgsqlConnection connection, string table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = table } },
        };
        return await command.ExecuteScalarAsync(cancellationToken) as string ?? "nobody any more";
    }
}
