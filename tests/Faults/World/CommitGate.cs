using Npgsql;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Faults.World;

/// <summary>While it is closed, every transaction that has sequenced events waits inside PostgreSQL: at its commit a
/// deferred trigger asks for a lock.</summary>
internal sealed class CommitGate : IAsyncDisposable
{
    private const string Key = "16";

    private const string InstallSql = $"""
        CREATE FUNCTION voice_audit.pass_gate() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_advisory_xact_lock_shared(0, {Key}); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER pass_gate AFTER INSERT ON voice_audit.mt_events
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION voice_audit.pass_gate();
        """;

    private const string WaitingSql = $"""
        SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND (classid, objid) = (0, {Key})
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly LegacyDatabase _database;
    private readonly NpgsqlConnection _keeper;

    private CommitGate(LegacyDatabase database, NpgsqlConnection keeper) => (_database, _keeper) = (database, keeper);

    /// <summary>An open one.</summary>
    public static async Task<CommitGate> InstallAsync(LegacyDatabase database)
    {
        await database.ExecuteAsync(InstallSql);
        return new CommitGate(database, await database.OpenAsync());
    }

    /// <summary>Returns when no commit is under way.</summary>
    public Task CloseAsync(CancellationToken cancellationToken) => KeepAsync("pg_advisory_lock", cancellationToken);

    /// <summary>Lets all pass.</summary>
    public Task OpenAsync(CancellationToken cancellationToken) => KeepAsync("pg_advisory_unlock", cancellationToken);

    /// <summary>Returns when a transaction waits there.</summary>
    public async Task ReachedAsync(CancellationToken cancellationToken) =>
        Assert.True(await WaitAsync(waiting => waiting > 0, cancellationToken), "no page of events is being committed");

    /// <summary>Returns when none waits there, such as when its session has ended.</summary>
    public async Task LeftAsync(CancellationToken cancellationToken) =>
        Assert.True(await WaitAsync(waiting => waiting == 0, cancellationToken), "a page still waits to be committed");

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _keeper.DisposeAsync();

    private Task<bool> WaitAsync(Func<long, bool> isMet, CancellationToken cancellationToken) => Polling.UntilAsync(
        async _ => isMet(await _database.ScalarAsync<long>(WaitingSql)), Patience, cancellationToken);

    private async Task KeepAsync(string function, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT {function}(0, {Key})", _keeper);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
