using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace VoiceWorker.Persistence.Businesses;

/// <summary>Which voices businesses have, at a price that does not grow with the table: beyond a hundred thousand rows
/// a sample is counted.</summary>
public static class BusinessVoices
{
    private const int MostRows = 100_000;

    // Pages of the table by chance; all of them while it is small.
    private const string SampleSql = """
        SELECT id, voice_id FROM business TABLESAMPLE SYSTEM (LEAST(100, {0} * 100.0 / GREATEST(1, (
            SELECT reltuples FROM pg_class WHERE oid = 'business'::regclass))))
        """;

    /// <summary>Businesses by their stored voice; null stands for none.</summary>
    /// <param name="connection">Its search path finds the legacy table.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<IReadOnlyList<(string? Voice, long Count)>> CountAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var legacy = LegacyDbContext.On(connection);
        var voices = await legacy.Businesses.FromSqlRaw(SampleSql, MostRows)
            .GroupBy(business => business.VoiceId)
            .Select(voice => new { Voice = voice.Key, Count = voice.LongCount() })
            .OrderByDescending(voice => voice.Count).ThenBy(voice => voice.Voice)
            .ToListAsync(cancellationToken);
        return voices.ConvertAll(voice => (voice.Voice, voice.Count));
    }
}
