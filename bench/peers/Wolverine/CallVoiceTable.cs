using Npgsql;
using VoiceWorker.Contracts;

namespace VoiceWorker.Bench.Peers.Wolverine;

/// <summary>The peer's own inbox of calls, beside the application's <c>business</c>: the columns of the
/// baseline's.</summary>
public static class CallVoiceTable
{
    private const string CreateSql = """
        CREATE SCHEMA IF NOT EXISTS wolverine;
        CREATE TABLE IF NOT EXISTS wolverine.call_voice (
            call_id     varchar(64) PRIMARY KEY,
            business_id integer     NOT NULL,
            started_at  timestamptz NOT NULL,
            voice_id    varchar(32) NOT NULL,
            reason      smallint    NOT NULL,
            event_id    uuid        NOT NULL,
            decided_at  timestamptz NOT NULL
        );
        """;

    // Look-up and insert in one round trip.
    private static readonly string InsertSql = $"""
        INSERT INTO wolverine.call_voice (call_id, business_id, started_at, voice_id, reason, event_id, decided_at)
        SELECT d.call_id, d.business_id, d.started_at, coalesce(b.voice_id, 'ash'),
               CASE WHEN b.id IS NULL THEN {(int)VoiceReason.UnknownBusiness}
                   ELSE {(int)VoiceReason.BusinessVoice} END,
               d.event_id, now()
        FROM unnest($1::text[], $2::int[], $3::timestamptz[], $4::uuid[])
            AS d (call_id, business_id, started_at, event_id)
        LEFT JOIN business AS b ON b.id = d.business_id
        ON CONFLICT (call_id) DO NOTHING
        RETURNING event_id, call_id, business_id, started_at, voice_id, reason, decided_at
        """;

    public static async Task CreateAsync(string postgres)
    {
        await using var source = NpgsqlDataSource.Create(postgres);
        await using var command = source.CreateCommand(CreateSql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Records calls; returns the events of those that are new.</summary>
    public static async Task<List<CallVoiceResolved>> InsertAsync(
        NpgsqlConnection connection, IReadOnlyList<CallStarted> calls, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var command = new NpgsqlCommand(InsertSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string[]> { TypedValue = [.. calls.Select(call => call.CallId)] },
                new NpgsqlParameter<int[]> { TypedValue = [.. calls.Select(call => call.BusinessId)] },
                new NpgsqlParameter<DateTime[]> { TypedValue = [.. calls.Select(call => call.StartedAt.UtcDateTime)] },
                new NpgsqlParameter<Guid[]> { TypedValue = [.. calls.Select(_ => Guid.CreateVersion7(now))] },
            },
        };
        var events = new List<CallVoiceResolved>(calls.Count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            events.Add(Read(reader));
        return events;
    }

    private static CallVoiceResolved Read(NpgsqlDataReader row)
    {
        var (businessId, reason) = (row.GetInt32(2), (VoiceReason)row.GetInt16(5));
        return new CallVoiceResolved
        {
            EventId = row.GetGuid(0), Stream = AuditEvent.BusinessStream(businessId), CallId = row.GetString(1),
            BusinessId = businessId, StartedAt = row.GetDateTime(3), VoiceId = row.GetString(4), Reason = reason,
            Source = reason == VoiceReason.BusinessVoice ? VoiceSource.Business : VoiceSource.Default,
            OccurredAt = row.GetDateTime(6),
        };
    }
}
