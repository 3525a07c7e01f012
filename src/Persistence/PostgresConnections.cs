using Npgsql;

namespace VoiceWorker.Persistence;

/// <summary>Connections to the one database that holds the legacy tables and the worker's own.</summary>
public sealed class PostgresConnections : IAsyncDisposable
{
    // A worker that is gone without a word, with its machine or its network, must not keep the rows that it had locked.
    // Everything here goes by key: a plan that was made when a table was empty must not scan it when it has grown.
    private const string SessionOptions =
        "-c idle_in_transaction_session_timeout=10s -c client_connection_check_interval=1s "
        + "-c enable_seqscan=off -c jit=off -c default_transaction_isolation=read\\ committed";

    private readonly NpgsqlDataSource _pool;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="connectionString">As configured.</param>
    /// <param name="legacySchema">Schema of the legacy tables; everything of the worker's own is named in full.</param>
    public PostgresConnections(string connectionString, string legacySchema)
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString);
        // UTC: Marten stores now() at time zone 'utc' into timestamptz columns. Prepared statements halve PostgreSQL's
        // CPU per event.
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString)
        {
            // The later one counts: what the operator says.
            Options = $"{SessionOptions} {given.Options}".TrimEnd(),
            SearchPath = $"\"{legacySchema}\"",
            Timezone = "UTC",
            MaxAutoPrepare = 40,
            AutoPrepareMinUsages = 2,
            // Nobody changes a pooled session for longer than a transaction: nothing to undo before the next use.
            NoResetOnClose = true,
            ApplicationName = "voice-worker",
            IncludeErrorDetail = false,
        }.ConnectionString;
        _pool = new NpgsqlDataSourceBuilder(ConnectionString).Build();
    }

    /// <summary>With the password, as Npgsql needs it: never log it.</summary>
    public string ConnectionString { get; }

    /// <summary>A pooled connection for short transactions.</summary>
    /// <param name="cancellationToken">Cancels the opening.</param>
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) =>
        _pool.OpenConnectionAsync(cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _pool.DisposeAsync();
}
