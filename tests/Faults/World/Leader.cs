using Npgsql;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Persistence.Audit;
using Xunit;

namespace VoiceWorker.Tests.Faults.World;

/// <summary>The session that holds the leadership of the relay.</summary>
internal static class Leader
{
    private const string Events = "voice_audit.mt_events";

    // Who writes it: a page from the outbox, or a seal. One that opens a session rehearses without writing anything.
    private const string WriteSql = """
        SELECT backend_xid::text FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid IN (
            SELECT pid FROM pg_locks WHERE relation = $1::regclass AND mode = 'RowExclusiveLock')
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Server process id of its session, once there is one other than <paramref name="former"/>.</summary>
    public static async Task<int> FindAsync(LegacyDatabase database, int former, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync();
        int? found = null;
        var isThere = await Polling.UntilAsync(async token =>
        {
            found = (await RelayLeadership.FindLeaderAsync(connection, token))?.Pid;
            return found is not null && found != former;
        }, Patience, cancellationToken);
        Assert.True(isThere, $"nobody leads after session {former}");
        return found!.Value;
    }

    /// <summary>Ends its session; its owner learns it with its next statement.</summary>
    public static Task DeposeAsync(LegacyDatabase database, int leader, CancellationToken cancellationToken) =>
        AskAsync<bool>(database, "SELECT pg_terminate_backend($1)", leader, cancellationToken);

    /// <summary>The open transaction that puts events into the event store, of whatever
    /// session: the leader's, if that is the only one that can.</summary>
    public static async Task<string> FindWriteAsync(LegacyDatabase database, CancellationToken cancellationToken) =>
        await AskAsync<string>(database, WriteSql, Events, cancellationToken)
        ?? throw new InvalidOperationException("nobody writes the event store");

    /// <summary>What became of a transaction when it is over: committed or aborted.</summary>
    public static async Task<string?> OutcomeAsync(
        LegacyDatabase database, string transaction, CancellationToken cancellationToken)
    {
        string? outcome = null;
        await Polling.UntilAsync(async token =>
        {
            outcome = await AskAsync<string>(database, "SELECT pg_xact_status($1::xid8)", transaction, token);
            return outcome != "in progress";
        }, Patience, cancellationToken);
        return outcome;
    }

    private static async Task<T?> AskAsync<T>(
        LegacyDatabase database, string sql, object parameter, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = parameter } } };
        return (T?)await command.ExecuteScalarAsync(cancellationToken);
    }
}
