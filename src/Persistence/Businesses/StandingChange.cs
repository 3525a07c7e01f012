using Npgsql;

namespace VoiceWorker.Persistence.Businesses;

/// <summary>A change that stood for a business, from its row in <c>voice.business_voice_change</c>: retention keeps the
/// latest when its event is gone.</summary>
/// <param name="EventId">Of its event.</param>
/// <param name="VoiceId">The voice.</param>
/// <param name="ChangedAt">As its producer said.</param>
/// <param name="ChangedBy">As its producer said, if it did.</param>
/// <param name="DecidedAt">When it was recorded.</param>
public sealed record StandingChange(
    Guid EventId, string VoiceId, DateTimeOffset ChangedAt, string? ChangedBy, DateTimeOffset DecidedAt)
{
    private const string Sql = $"""
        SELECT event_id, voice_id, changed_at, changed_by, decided_at FROM voice.business_voice_change
        WHERE business_id = $1 AND outcome = 'updated' AND decided_at <= $2
        ORDER BY {BusinessVoiceChangeTable.LastWriterFirst} LIMIT 1
        """;

    /// <summary>The latest of those that were recorded by then and have a row; null when none has.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="businessId">The business.</param>
    /// <param name="by">By the worker's clock.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<StandingChange?> FindAsync(
        NpgsqlConnection connection, int businessId, DateTimeOffset by, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<int> { TypedValue = businessId },
                new NpgsqlParameter<DateTime> { TypedValue = by.UtcDateTime },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        return new(
            reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2),
            reader.TextAt(3), reader.GetFieldValue<DateTimeOffset>(4));
    }
}
