using Npgsql;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Infrastructure.Servers;

/// <summary>A primary and its standby, which change places when the standby is promoted. Each keeps its port.</summary>
public sealed class LocalPostgresPair : PostgresServer
{
    private const string StreamsSql = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'";
    private const string ConnectedSql = "SELECT count(*) FROM pg_stat_replication";
    private const string SynchronousSql = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";

    // A standby that lost its primary asks again after 5 s by default: so long every commit would wait for it.
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["wal_retrieve_retry_interval"] = "200ms",
    };

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly IReadOnlyList<LocalPostgres> _both;

    private LocalPostgresPair(LocalPostgres primary, LocalPostgres standby) =>
        (_both, Primary, Standby) = ([primary, standby], primary, standby);

    /// <summary>Takes writes.</summary>
    public LocalPostgres Primary { get; private set; }

    /// <summary>Follows the primary, or is what was the primary before.</summary>
    public LocalPostgres Standby { get; private set; }

    /// <summary>Of both, in an order that never changes; whoever is the primary is used.</summary>
    public override string ConnectionString => new NpgsqlConnectionStringBuilder(Primary.ConnectionString)
    {
        Host = string.Join(',', _both.Select(server => server.Address)), TargetSessionAttributes = "primary",
        HostRecheckSeconds = 1,
    }.ConnectionString;

    /// <summary>Starts both; each commit waits for the standby.</summary>
    /// <exception cref="ServerUnavailableException">No binaries, or a server does not start.</exception>
    public static async Task<LocalPostgresPair> LaunchAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        var settings = options with { PostgresSettings = Settings };
        var standby = LocalPostgres.LaunchAsync(settings, cancellationToken);
        var primary = await LocalPostgres.LaunchAsync(settings, cancellationToken);
        var pair = new LocalPostgresPair(primary, await standby);
        await pair.FollowAsync(isSynchronous: true, cancellationToken);
        return pair;
    }

    /// <summary>Makes a standby of the other one anew, as a copy of the primary.</summary>
    /// <param name="isSynchronous">Whether commits are to wait for it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task FollowAsync(bool isSynchronous, CancellationToken cancellationToken)
    {
        await SetAsync("synchronous_standby_names", "", cancellationToken);
        await Standby.FollowAsync(Primary, cancellationToken);
        await IsTrueAsync(StreamsSql, "the standby does not stream", cancellationToken);
        if (!isSynchronous)
            return;
        // Only now: the copy is not to wait for a standby when it is promoted, as no manager of a cluster would let it.
        await SetAsync("synchronous_standby_names", "standby", cancellationToken);
        await IsTrueAsync(SynchronousSql, "the standby is not synchronous", cancellationToken);
    }

    /// <summary>From now on the standby gets nothing more, and nothing waits for it.</summary>
    public async Task CutAsync(CancellationToken cancellationToken)
    {
        await SetAsync("synchronous_standby_names", "", cancellationToken);
        await SetAsync(Standby, "primary_conninfo", "", cancellationToken);
        var isCut = await Polling.UntilAsync(
            async token => await CountAsync(ConnectedSql, token) == 0, Patience, cancellationToken);
        if (!isCut)
            throw new ServerUnavailableException("the standby still streams");
    }

    /// <summary>Returns when the standby, which is the primary from now on, has taken a write.</summary>
    public async Task PromoteAsync(CancellationToken cancellationToken)
    {
        await Standby.ExecuteAsync("SELECT pg_promote()", cancellationToken);
        await Standby.ExecuteAsync("SELECT pg_logical_emit_message(true, 'promoted', '')", cancellationToken);
        (Primary, Standby) = (Standby, Primary);
    }

    /// <summary>Makes the standby a primary whose commits wait for a standby that is not there.</summary>
    public async Task PromoteAloneAsync(CancellationToken cancellationToken)
    {
        await SetAsync(Standby, "synchronous_standby_names", "nobody", cancellationToken);
        await Standby.ExecuteAsync("SELECT pg_promote()", cancellationToken);
        (Primary, Standby) = (Standby, Primary);
    }

    /// <summary>Starts what was the primary before as what it was, and as one whose commits wait for no standby: there
    /// are two primaries then.</summary>
    public async Task ReturnAsync(CancellationToken cancellationToken)
    {
        await Standby.OverrideAsync("synchronous_standby_names = ''", cancellationToken);
        await Standby.StartAsync(cancellationToken);
    }

    /// <summary>Whether commits wait for the standby, and it is there.</summary>
    public async Task<bool> IsSynchronousAsync(CancellationToken cancellationToken) =>
        await CountAsync(SynchronousSql, cancellationToken) > 0;

    /// <summary>Sets a setting of the primary, whatever its standby does.</summary>
    public Task SetAsync(string setting, string value, CancellationToken cancellationToken) =>
        SetAsync(Primary, setting, value, cancellationToken);

    public override async ValueTask DisposeAsync() =>
        await Task.WhenAll(_both.Select(server => server.DisposeAsync().AsTask()));

    private static async Task SetAsync(
        LocalPostgres server, string setting, string value, CancellationToken cancellationToken)
    {
        await server.ExecuteAsync($"ALTER SYSTEM SET {setting} = '{value}'", cancellationToken);
        await server.ExecuteAsync("SELECT pg_reload_conf()", cancellationToken);
    }

    private async Task IsTrueAsync(string countSql, string otherwise, CancellationToken cancellationToken)
    {
        var isTrue = await Polling.UntilAsync(
            async token => await CountAsync(countSql, token) > 0, Patience, cancellationToken);
        if (!isTrue)
            throw new ServerUnavailableException(otherwise);
    }

    private async Task<long> CountAsync(string countSql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(Primary.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(countSql, connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
