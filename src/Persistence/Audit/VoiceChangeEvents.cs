using Npgsql;
using VoiceWorker.Contracts;

namespace VoiceWorker.Persistence.Audit;

/// <summary>Which changes of voice a stream tells of before an event. What was found last for a stream is remembered,
/// so that events which are asked about in order read their stream once.</summary>
/// <param name="connection">Free between two questions.</param>
public sealed class VoiceChangeEvents(NpgsqlConnection connection)
{
    private const int MostStreams = 1_000;

    private static readonly string FromStreamSql = $"""
        SELECT {StoredEvent.Columns} FROM voice_audit.mt_events
        WHERE stream_id = $1 AND version >= $2 AND version < $3
          AND type = '{StoredTypes.EventNameOf(typeof(BusinessVoiceUpdated))}'
        """;

    private static readonly string LatestSql = $"{FromStreamSql} ORDER BY version DESC LIMIT 1";

    // As voice.business_voice_change orders them.
    private static readonly string GreatestSql = $"""
        {FromStreamSql}
        ORDER BY least({AuditTrail.Field("changedAt")}::timestamptz,
                       {AuditTrail.Field("occurredAt")}::timestamptz) DESC,
                 {AuditTrail.Field("voiceId")} COLLATE "C" DESC
        LIMIT 1
        """;

    private const string FirstSql = "SELECT version FROM voice_audit.mt_events WHERE stream_id = $1 ORDER BY 1 LIMIT 1";

    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>The change with the highest sequence below one; null when there is none.</summary>
    /// <param name="stream">Of a business.</param>
    /// <param name="before">A sequence.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public async Task<BusinessVoiceUpdated?> FindLatestAsync(
        string stream, long before, CancellationToken cancellationToken)
    {
        var known = _known.GetValueOrDefault(stream);
        if (known is not null && before > known.From && before <= known.Before)
            return known.Latest;
        var from = known is not null && before > known.Before ? known.Before : 1;
        var found = await FindAsync(LatestSql, stream, from, before, cancellationToken);
        if (found is null && from > 1)
            found = known!.Latest;
        if (_known.Count >= MostStreams)
            _known.Clear();
        _known[stream] = new(found?.Sequence ?? 0, before, found);
        return found;
    }

    /// <summary>The change that is the latest by its own time; null when there is none.</summary>
    /// <param name="stream">Of a business.</param>
    /// <param name="before">A sequence: only changes below it.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public Task<BusinessVoiceUpdated?> FindGreatestAsync(
        string stream, long before, CancellationToken cancellationToken) =>
        FindAsync(GreatestSql, stream, 1, before, cancellationToken);

    /// <summary>The lowest sequence that is still in the store; null when none of the stream is.</summary>
    /// <param name="stream">Any.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public async Task<long?> FindFirstSequenceAsync(string stream, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FirstSql, connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = stream } },
        };
        return await command.ExecuteScalarAsync(cancellationToken) as long?;
    }

    private async Task<BusinessVoiceUpdated?> FindAsync(
        string sql, string stream, long from, long before, CancellationToken cancellationToken)
    {
        // A stream may be long.
        await using var command = new NpgsqlCommand(sql, connection)
        {
            CommandTimeout = 0,
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = stream }, new NpgsqlParameter<long> { TypedValue = from },
                new NpgsqlParameter<long> { TypedValue = before },
            },
        };
        var found = await StoredEvent.ReadAllAsync(command, cancellationToken);
        return found.Select(stored => (BusinessVoiceUpdated)stored.Event).SingleOrDefault();
    }

    /// <summary>What is known of a stream: its latest change below <paramref name="Before"/>, from that change on.
    /// </summary>
    private sealed record Known(long From, long Before, BusinessVoiceUpdated? Latest);
}
