using Npgsql;

namespace VoiceWorker.Bench.Baseline;

/// <summary>The baseline's own tables, beside the application's <c>business</c>: the same inbox as the worker's, and an
/// outbox of columns, which the relay makes JSON of.</summary>
internal static class Tables
{
    private const string CreateSql = """
        CREATE SCHEMA IF NOT EXISTS baseline;
        CREATE TABLE IF NOT EXISTS baseline.call_voice (
            call_id     varchar(64) PRIMARY KEY,
            business_id integer     NOT NULL,
            started_at  timestamptz NOT NULL,
            voice_id    varchar(32) NOT NULL,
            reason      smallint    NOT NULL,
            event_id    uuid        NOT NULL,
            decided_at  timestamptz NOT NULL
        );
        CREATE TABLE IF NOT EXISTS baseline.outbox (
            id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            event_id    uuid        NOT NULL,
            call_id     varchar(64) NOT NULL,
            business_id integer     NOT NULL,
            started_at  timestamptz NOT NULL,
            voice_id    varchar(32) NOT NULL,
            reason      smallint    NOT NULL,
            decided_at  timestamptz NOT NULL
        );
        """;

    public static async Task CreateAsync(string postgres, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(postgres, cancellationToken);
        await using var command = new NpgsqlCommand(CreateSql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A connection that lives as long as its owner.</summary>
    public static async Task<NpgsqlConnection> OpenAsync(string postgres, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres)
        {
            Pooling = false, MaxAutoPrepare = 10, AutoPrepareMinUsages = 1,
        }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }
}
