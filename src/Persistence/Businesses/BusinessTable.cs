using Npgsql;
using VoiceWorker.Contracts;

namespace VoiceWorker.Persistence.Businesses;

/// <summary><c>business</c>, the legacy application's table: the voices as it stores them.</summary>
public static class BusinessTable
{
    // In id order, so that two groups with the same businesses queue instead of deadlocking. NO KEY: rows that refer
    // to the business by foreign key can still be inserted meanwhile. Plain SQL, because the statement that depends
    // on the locks travels in the same round trip.
    private const string LockSql = $"""
        /* {StatementMark.LockBusinesses} */ SELECT id, voice_id FROM business
        WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE
        """;

    private const string ReadSql = "SELECT id, voice_id FROM business WHERE id = ANY($1)";

    private const string UpdateSql = """
        UPDATE business SET voice_id = new.voice_id
        FROM unnest($1::int[], $2::text[]) AS new (id, voice_id) WHERE business.id = new.id
        """;

    /// <summary>The stored voices of the businesses that exist; null where none is stored. One round trip;
    /// another one when any is missing.</summary>
    /// <param name="connection">Open, with or without a transaction.</param>
    /// <param name="businessIds">Distinct; unknown ones are missing in the result.</param>
    /// <param name="cancellationToken">Cancels the round trip.</param>
    public static async Task<IReadOnlyDictionary<int, string?>> ReadVoicesAsync(
        NpgsqlConnection connection, int[] businessIds, CancellationToken cancellationToken)
    {
        var voices = new Dictionary<int, string?>(businessIds.Length);
        await using var command = new NpgsqlCommand(ReadSql, connection)
        {
            Parameters = { new NpgsqlParameter<int[]> { TypedValue = businessIds } },
        };
        await using (var rows = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await rows.ReadAsync(cancellationToken))
                voices.Add(rows.GetInt32(0), rows.TextAt(1));
            await rows.NextResultAsync(cancellationToken);
        }

        if (voices.Count < businessIds.Length)
            await RowSecurity.EnsureShownAsync(connection, cancellationToken);
        return voices;
    }

    /// <summary>Reads (id, voice_id) of the businesses that exist and keeps the rows for the transaction.</summary>
    /// <param name="changes">The businesses to be changed.</param>
    public static NpgsqlBatchCommand LockCommand(IReadOnlyList<BusinessVoiceChanged> changes) => new(LockSql)
    {
        Parameters = { Unnest.Int(changes, change => change.BusinessId) },
    };

    /// <summary>Stores the new voices.</summary>
    /// <param name="voices">One per business.</param>
    public static NpgsqlBatchCommand UpdateCommand(IReadOnlyDictionary<int, string> voices) => new(UpdateSql)
    {
        Parameters = { Unnest.Int(voices, voice => voice.Key), Unnest.Text(voices, voice => voice.Value) },
    };

    /// <summary>Reads (id, voice_id) as they are now, triggers included.</summary>
    /// <param name="voices">Stored just before.</param>
    public static NpgsqlBatchCommand ReadBackCommand(IReadOnlyDictionary<int, string> voices) =>
        new(ReadSql)
        {
            Parameters = { Unnest.Int(voices, voice => voice.Key) },
        };
}
