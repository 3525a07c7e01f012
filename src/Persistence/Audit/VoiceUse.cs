using Npgsql;

namespace VoiceWorker.Persistence.Audit;

/// <summary>Which voices are in use, at a price that does not grow with the tables: beyond a hundred thousand rows a
/// sample is counted.</summary>
public static class VoiceUse
{
    private const int MostRows = 100_000;

    // Pages of the table by chance; all of them while it is small.
    private const string BusinessesSql = """
        SELECT voice_id, count(*) FROM business TABLESAMPLE SYSTEM (LEAST(100, $1 * 100.0 / GREATEST(1, (
            SELECT reltuples FROM pg_class WHERE oid = 'business'::regclass))))
        GROUP BY voice_id ORDER BY count(*) DESC, voice_id
        """;

    private static readonly string CallsSql = $"""
        SELECT {AuditTrail.Field("voiceId")}, count(*) FROM (
            SELECT type, data FROM voice_audit.mt_events WHERE seq_id > $1 ORDER BY seq_id DESC LIMIT $2) AS latest
        WHERE type = 'call_voice_resolved' AND {AuditTrail.Field("occurredAt")}::timestamptz >= $3
        GROUP BY 1 ORDER BY 2 DESC, 1
        """;

    /// <summary>Businesses by their stored voice; null stands for none.</summary>
    /// <param name="connection">Its search path finds the legacy table.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static Task<IReadOnlyList<(string? Voice, long Count)>> OfBusinessesAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ReadAsync(connection, BusinessesSql, [new NpgsqlParameter<int> { TypedValue = MostRows }], cancellationToken);

    /// <summary>Calls since an instant by the voice that they got, among the latest events of the store.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="since">By the worker's clock.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    public static async Task<IReadOnlyList<(string? Voice, long Count)>> OfCallsAsync(
        NpgsqlConnection connection, DateTimeOffset since, CancellationToken cancellationToken) =>
        await ReadAsync(connection, CallsSql,
        [
            new NpgsqlParameter<long>
            {
                TypedValue = await EventPosition.BeforeAsync(connection, since, cancellationToken),
            },
            new NpgsqlParameter<int> { TypedValue = MostRows },
            new NpgsqlParameter<DateTime> { TypedValue = since.UtcDateTime },
        ], cancellationToken);

    private static async Task<IReadOnlyList<(string? Voice, long Count)>> ReadAsync(
        NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var voices = new List<(string? Voice, long Count)>();
        while (await reader.ReadAsync(cancellationToken))
            voices.Add((reader.TextAt(0), reader.GetInt64(1)));
        return voices;
    }
}
