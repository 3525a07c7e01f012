using Npgsql;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Faults.Traffic;

namespace VoiceWorker.Tests.Faults.World;

/// <summary>Somebody else's transaction that has recorded calls and does not end: a worker's that records one of them too waits
/// in the midst of its own.</summary>
internal sealed class Rival : IAsyncDisposable
{
    private const string InsertSql = """
        INSERT INTO voice.call_voice (call_id, business_id, started_at, voice_id, source, reason, event_id, decided_at)
        SELECT call_id, 1, now(), 'ash', 'default', 'noVoice', gen_random_uuid(), now() FROM unnest($1) AS call_id
        """;

    private const string WaitingSql = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly LegacyDatabase _database;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private Rival(LegacyDatabase database, NpgsqlConnection connection, NpgsqlTransaction transaction) =>
        (_database, _connection, _transaction) = (database, connection, transaction);

    public static async Task<Rival> RecordAsync(
        LegacyDatabase database, IEnumerable<CallMessage> calls, CancellationToken cancellationToken)
    {
        var connection = await database.OpenAsync();
        var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var insert = new NpgsqlCommand(InsertSql, connection)
        {
            Parameters = { new() { Value = calls.Select(call => call.CallId).ToArray() } },
        };
        await insert.ExecuteNonQueryAsync(cancellationToken);
        return new Rival(database, connection, transaction);
    }

    /// <summary>Whether anybody comes to wait for it.</summary>
    public Task<bool> IsWaitedForAsync(CancellationToken cancellationToken) => Polling.UntilAsync(
        async _ => await _database.ScalarAsync<long>(WaitingSql) > 0, Patience, cancellationToken);

    /// <summary>Whether whoever waited is gone.</summary>
    public Task<bool> IsLeftAloneAsync(CancellationToken cancellationToken) => Polling.UntilAsync(
        async _ => await _database.ScalarAsync<long>(WaitingSql) == 0, Patience, cancellationToken);

    /// <summary>Rolls back.</summary>
    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
