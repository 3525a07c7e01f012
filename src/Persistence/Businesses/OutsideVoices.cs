using System.Runtime.CompilerServices;
using Npgsql;

namespace VoiceWorker.Persistence.Businesses;

/// <summary>Businesses whose stored voice is not what the change that stands has left: somebody has changed it since,
/// and no event tells of it. Of a business without a recorded change nothing is claimed.</summary>
public static class OutsideVoices
{
    /// <summary>Businesses that are looked at in one round trip, at most.</summary>
    public const int MaxPage = 10_000;

    // As the catalogue compares voices.
    private const string DiffersSql =
        "lower(btrim(business.voice_id)) IS DISTINCT FROM lower(btrim(standing.voice_id))";

    private const string NextSql = $"""
        SELECT business_id, voice_id, changed_at, event_id FROM voice.business_voice_change
        WHERE outcome = 'updated' AND business_id > AFTER
        ORDER BY business_id, {BusinessVoiceChangeTable.LastWriterFirst} LIMIT 1
        """;

    // From one business with a change to the next, by the index of those that stand: however many changes each has, and
    // however many businesses have none.
    private static readonly string PageSql = $"""
        WITH RECURSIVE standing AS (
            (SELECT first.*, 1 AS place FROM ({Next("$1")}) AS first)
            UNION ALL
            SELECT next.*, place + 1 FROM standing CROSS JOIN LATERAL ({Next("standing.business_id")}) AS next
            WHERE place < $2
        )
        SELECT standing.business_id, business.voice_id, standing.voice_id, changed_at, event_id,
               business.id IS NOT NULL AND {DiffersSql}, place
        FROM standing LEFT JOIN business ON business.id = standing.business_id
        WHERE place = $2 OR (business.id IS NOT NULL AND {DiffersSql})
        ORDER BY place
        """;

    private const string OfSql = $"""
        SELECT business.id, business.voice_id, standing.voice_id, changed_at, event_id
        FROM business CROSS JOIN LATERAL (
            SELECT voice_id, changed_at, event_id FROM voice.business_voice_change AS change
            WHERE change.business_id = business.id AND outcome = 'updated'
            ORDER BY {BusinessVoiceChangeTable.LastWriterFirst} LIMIT 1) AS standing
        WHERE business.id = $1 AND {DiffersSql}
        """;

    private const string StillSql = $"""
        SELECT known.id FROM unnest($1::int[]) AS known (id) JOIN business ON business.id = known.id
        CROSS JOIN LATERAL (
            SELECT voice_id FROM voice.business_voice_change AS change
            WHERE change.business_id = known.id AND outcome = 'updated'
            ORDER BY {BusinessVoiceChangeTable.LastWriterFirst} LIMIT 1) AS standing
        WHERE {DiffersSql}
        """;

    /// <summary>Every one, in the order of their ids.</summary>
    /// <param name="connection">Free between two pages; its search path finds the legacy tables.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    public static async IAsyncEnumerable<OutsideVoice> ReadAsync(
        NpgsqlConnection connection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int? after = 0;
        while (after is { } last)
        {
            (var found, after) = await FindAmongAsync(connection, last, MaxPage, cancellationToken);
            foreach (var one in found)
                yield return one;
        }
    }

    /// <summary>How many there are and the first of them, as far as can be seen within a time.</summary>
    /// <param name="connection">Its search path finds the legacy tables.</param>
    /// <param name="named">How many of them.</param>
    /// <param name="patience">After this time no further page is begun.</param>
    /// <param name="time">Measures it.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    public static async Task<OutsideVoiceCount> CountAsync(
        NpgsqlConnection connection, int named, TimeSpan patience, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        var (count, first) = (0L, new List<OutsideVoice>());
        int? after = 0;
        while (after is { } last && (last == 0 || time.GetElapsedTime(begun) < patience))
        {
            (var found, after) = await FindAmongAsync(connection, last, MaxPage, cancellationToken);
            count += found.Count;
            first.AddRange(found.Take(named - first.Count));
        }

        return new(count, first, IsComplete: after is null);
    }

    /// <summary>Those among the next businesses that have a change. One round trip, by an index.</summary>
    /// <param name="connection">Its search path finds the legacy tables.</param>
    /// <param name="after">After this business; 0 at the beginning.</param>
    /// <param name="page">How many businesses are looked at.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>With the last business that was looked at; null at the end.</returns>
    public static async Task<(IReadOnlyList<OutsideVoice> Found, int? Last)> FindAmongAsync(
        NpgsqlConnection connection, int after, int page, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PageSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<int> { TypedValue = after }, new NpgsqlParameter<int> { TypedValue = page },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<OutsideVoice>();
        int? last = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.GetBoolean(5))
                found.Add(Read(reader));
            if (reader.GetInt32(6) == page)
                last = reader.GetInt32(0);
        }

        return (found, last);
    }

    /// <summary>One business, if it is among them; null when it is not.</summary>
    /// <param name="connection">Its search path finds the legacy tables.</param>
    /// <param name="businessId">Which.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<OutsideVoice?> FindAsync(
        NpgsqlConnection connection, int businessId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(OfSql, connection)
        {
            Parameters = { new NpgsqlParameter<int> { TypedValue = businessId } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    /// <summary>Those of some businesses that are still among them.</summary>
    /// <param name="connection">Its search path finds the legacy tables.</param>
    /// <param name="businessIds">Found before.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<IReadOnlyList<int>> FindStillAsync(
        NpgsqlConnection connection, IReadOnlyCollection<int> businessIds, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(StillSql, connection)
        {
            Parameters = { Unnest.Int(businessIds, id => id) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var still = new List<int>();
        while (await reader.ReadAsync(cancellationToken))
            still.Add(reader.GetInt32(0));
        return still;
    }

    private static OutsideVoice Read(NpgsqlDataReader reader) => new(
        reader.GetInt32(0), reader.TextAt(1), reader.GetString(2),
        reader.GetFieldValue<DateTimeOffset>(3), reader.GetGuid(4));

    private static string Next(string after) => NextSql.Replace("AFTER", after, StringComparison.Ordinal);
}

/// <summary>A business whose stored voice is not what the change that stands has left.</summary>
/// <param name="BusinessId">The business.</param>
/// <param name="StoredVoiceId">What is stored; null when nothing is.</param>
/// <param name="RecordedVoiceId">What the change has left.</param>
/// <param name="ChangedAt">When it was made.</param>
/// <param name="EventId">Its event.</param>
public sealed record OutsideVoice(
    int BusinessId, string? StoredVoiceId, string RecordedVoiceId, DateTimeOffset ChangedAt, Guid EventId)
{
    /// <summary>In a sentence.</summary>
    public string Describe() =>
        $"business {BusinessId} has the voice {PeerText.Line(StoredVoiceId ?? "none")}, and the last recorded change, "
        + $"of {WireTime.Of(ChangedAt)}, left {RecordedVoiceId}: somebody has changed it since; voice set settles it";
}

/// <summary>How many businesses have another voice than their history says.</summary>
/// <param name="Count">As many as were found.</param>
/// <param name="First">The first of them by id.</param>
/// <param name="IsComplete">Whether every business was looked at.</param>
public sealed record OutsideVoiceCount(long Count, IReadOnlyList<OutsideVoice> First, bool IsComplete);
