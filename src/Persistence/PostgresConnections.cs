using System.Collections.Concurrent;
using Npgsql;

namespace VoiceWorker.Persistence;

/// <summary>Connections to the one database that holds the legacy tables and the worker's own.</summary>
public sealed class PostgresConnections : IAsyncDisposable
{
    private readonly SessionSettings _settings;
    private readonly TimelineGuard _timelines = new();
    private readonly HistoryGate _history = new(TimeProvider.System);
    private readonly ConcurrentDictionary<string, NpgsqlDataSource> _sessions = new(StringComparer.Ordinal);
    private readonly Lazy<NpgsqlDataSource> _source;
    private TaskCompletionSource _promoted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _promotions;
    private long _uncertain;
    private long _confirmed;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="connectionString">As configured: Npgsql's keywords or a URI.</param>
    /// <param name="legacySchema">Schema of the legacy tables; everything of the worker's own is named in full.</param>
    public PostgresConnections(string connectionString, string legacySchema)
    {
        var given = new NpgsqlConnectionStringBuilder(PostgresUri.ToKeywords(connectionString));
        _settings = new SessionSettings(legacySchema, given.Options);
        // Prepared statements halve PostgreSQL's CPU per event.
        var used = new NpgsqlConnectionStringBuilder(given.ConnectionString)
        {
            Options = _settings.Rest,
            MaxAutoPrepare = 40,
            AutoPrepareMinUsages = 2,
            // No statement changes a pooled session for longer than a transaction: nothing to undo before the next use.
            NoResetOnClose = true,
            ApplicationName = "voice-worker",
            IncludeErrorDetail = false,
        };
        used.Remove("Search Path");
        used.Remove("Timezone");
        if (used.Host?.Contains(',', StringComparison.Ordinal) is not true)
            // Npgsql takes them for several hosts only; the worker asks the one by itself.
            used.Remove("Target Session Attributes");
        else
            UsePrimary(used);
        ConnectionString = used.ConnectionString;
        _source = new Lazy<NpgsqlDataSource>(() => Build(ConnectionString));
    }

    /// <summary>With the password, as Npgsql needs it: never log it.</summary>
    public string ConnectionString { get; }

    /// <summary>The pool.</summary>
    public NpgsqlDataSource Source => _source.Value;

    /// <summary>How often another server was found promoted: a session of before may lead to one whose history has
    /// ended.</summary>
    public int Promotions => Volatile.Read(ref _promotions);

    /// <summary>Why nothing is recorded after a promotion, or what was not waited for, for people; else null.</summary>
    public string? Obstacle => _history.Obstacle;

    /// <summary>Completes when another server is found promoted.</summary>
    /// <param name="seen">Of <see cref="Promotions"/>: completes at once when there are more by now.</param>
    public Task WaitForPromotionAsync(int seen)
    {
        var next = Volatile.Read(ref _promoted).Task;
        return Promotions == seen ? next : Task.CompletedTask;
    }

    /// <summary>A pooled connection for short transactions.</summary>
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) =>
        Source.OpenConnectionAsync(cancellationToken);

    /// <summary>A connection that is in no pool, for locks that belong to a session.</summary>
    /// <param name="alter">What is different in its connection string.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    public async Task<NpgsqlConnection> OpenSessionAsync(
        Action<NpgsqlConnectionStringBuilder> alter, CancellationToken cancellationToken)
    {
        var altered = new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false };
        alter(altered);
        return await _sessions.GetOrAdd(altered.ConnectionString, Build).OpenConnectionAsync(cancellationToken);
    }

    /// <summary>Runs a transaction that records decisions. It counts only when it is as durable as the server is
    /// configured to make it.</summary>
    /// <param name="transact">Commits.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="UnconfirmedCommitException">It is committed here, and a synchronous standby has not confirmed
    /// it.</exception>
    /// <exception cref="UncomparedHistoryException">The server was promoted, and what it lacks is not back
    /// yet.</exception>
    public async Task<T> CommitAsync<T>(
        Func<NpgsqlConnection, Task<T>> transact, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(cancellationToken);
            await _history.PassAsync(connection, _timelines.Highest, cancellationToken);
            using var watch = new CommitWatch(connection);
            await ConfirmEarlierAsync(connection, watch, cancellationToken);
            var result = await transact(connection);
            watch.ThrowIfUnconfirmed();
            return result;
        }
        catch (Exception failure)
        {
            if (SqlFailure.Of(failure).Kind is not FailureKind.Data && failure is not UncomparedHistoryException)
                Interlocked.Increment(ref _uncertain);
            // After a failover what the pool has leads to what is a standby now; after a refusal, rights and policies
            // may be others than when the session was set up.
            if (SqlFailure.StateOf(failure) is PostgresErrorCodes.ReadOnlySqlTransaction
                or PostgresErrorCodes.InsufficientPrivilege)
                Source.Clear();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sessions.Values)
            await source.DisposeAsync();
        if (_source.IsValueCreated)
            await Source.DisposeAsync();
    }

    // Of several hosts the next is tried when one is refused here.
    private NpgsqlDataSource Build(string connectionString) => new NpgsqlDataSourceBuilder(connectionString)
        .UsePhysicalConnectionInitializer(_settings.Apply, AdmitAsync).Build();

    private async Task AdmitAsync(NpgsqlConnection session)
    {
        await _settings.ApplyAsync(session);
        _history.Doubt();
        if (!_timelines.Notice(await _timelines.ReadAsync(session, CancellationToken.None)))
            return;
        Interlocked.Increment(ref _promotions);
        Source.Clear();
        Interlocked.Exchange(ref _promoted, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private static void UsePrimary(NpgsqlConnectionStringBuilder used)
    {
        // The others may lead to a standby.
        if (used.TargetSessionAttributes is not "read-write")
            used.TargetSessionAttributes = "primary";
        // For so long a host that failed, or was no primary, is not asked again: Npgsql's 10 s are a pause after each
        // failover and each restart.
        if (!used.ShouldSerialize("Host Recheck Seconds"))
            used.HostRecheckSeconds = 1;
    }

    // A failure can hide a commit that only this server has, and the next attempt would find its rows and write
    // nothing.
    private async Task ConfirmEarlierAsync(
        NpgsqlConnection connection, CommitWatch watch, CancellationToken cancellationToken)
    {
        var uncertain = Interlocked.Read(ref _uncertain);
        if (Interlocked.Read(ref _confirmed) == uncertain)
            return;
        await watch.ConfirmEarlierAsync(cancellationToken);
        Interlocked.Exchange(ref _confirmed, uncertain);
    }
}

/// <summary>Hears when PostgreSQL gives up waiting for a synchronous standby: the commit is a success then, with a
/// warning.</summary>
internal sealed class CommitWatch : IDisposable
{
    // The source of the warning. Its SQLSTATE is that of every RAISE WARNING of a trigger.
    private const string Routine = "SyncRepWaitForLSN";

    private readonly NpgsqlConnection _connection;
    private bool _isUnconfirmed;

    public CommitWatch(NpgsqlConnection connection)
    {
        _connection = connection;
        _connection.Notice += Hear;
    }

    /// <summary>Passes when every commit since the beginning was waited for to its end.</summary>
    public void ThrowIfUnconfirmed()
    {
        if (_isUnconfirmed)
            throw new UnconfirmedCommitException();
    }

    /// <summary>Commits nothing but a mark in the log, which waits for the standby, and so for all before it.</summary>
    /// <exception cref="UnconfirmedCommitException">It was given up.</exception>
    public async Task ConfirmEarlierAsync(CancellationToken cancellationToken)
    {
        await _connection.ExecuteAsync(
            "SELECT pg_logical_emit_message(true, 'voice-worker', '')", cancellationToken);
        ThrowIfUnconfirmed();
    }

    public void Dispose() => _connection.Notice -= Hear;

    private void Hear(object sender, NpgsqlNoticeEventArgs heard) => _isUnconfirmed |= heard.Notice.Routine == Routine;
}

/// <summary>A commit is on this server only: a synchronous standby did not confirm it within Command Timeout.</summary>
internal sealed class UnconfirmedCommitException() : Exception(
    "the commit is on this server only, because no synchronous standby has confirmed it within Command Timeout");
