using Npgsql;
using VoiceWorker.Contracts;

namespace VoiceWorker.Bench.Baseline;

/// <summary>Look-up, inbox and outbox in one statement: one round trip, one commit.</summary>
internal sealed class CallStatement : IAsyncDisposable
{
    // The last SELECT returns rows only when somebody in the batch asked for a reply.
    private static readonly string Sql = $"""
        WITH inserted AS (
            INSERT INTO baseline.call_voice (call_id, business_id, started_at, voice_id, reason, event_id, decided_at)
            SELECT d.call_id, d.business_id, d.started_at, coalesce(b.voice_id, 'ash'),
                   CASE WHEN b.id IS NULL THEN {(int)VoiceReason.UnknownBusiness}
                       ELSE {(int)VoiceReason.BusinessVoice} END,
                   d.event_id, now()
            FROM unnest($1::text[], $2::int[], $3::timestamptz[], $4::uuid[])
                AS d (call_id, business_id, started_at, event_id)
            LEFT JOIN business AS b ON b.id = d.business_id
            ON CONFLICT (call_id) DO NOTHING
            RETURNING event_id, call_id, business_id, started_at, voice_id, reason, decided_at
        ), outboxed AS (
            INSERT INTO baseline.outbox (event_id, call_id, business_id, started_at, voice_id, reason, decided_at)
            SELECT * FROM inserted
        )
        SELECT call_id, business_id, voice_id, reason FROM inserted WHERE $5
        """;

    private readonly NpgsqlCommand _command;
    private readonly NpgsqlParameter<string[]> _callIds = new();
    private readonly NpgsqlParameter<int[]> _businessIds = new();
    private readonly NpgsqlParameter<DateTime[]> _startedAt = new();
    private readonly NpgsqlParameter<Guid[]> _eventIds = new();
    private readonly NpgsqlParameter<bool> _asked = new();

    public CallStatement(NpgsqlConnection connection) => _command = new NpgsqlCommand(Sql, connection)
    {
        Parameters = { _callIds, _businessIds, _startedAt, _eventIds, _asked },
    };

    /// <summary>Returns when it is committed.</summary>
    public async Task<Dictionary<string, CallVoice>> RecordAsync(
        List<Arrival> batch, bool asked, CancellationToken cancellationToken)
    {
        Fill(batch, asked);
        var voices = new Dictionary<string, CallVoice>(asked ? batch.Count : 0);
        await using var reader = await _command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var reason = (VoiceReason)reader.GetInt16(3);
            voices[reader.GetString(0)] = new CallVoice(
                reader.GetString(0), reader.GetInt32(1), reader.GetString(2), SourceOf(reason), reason);
        }

        return voices;
    }

    public static VoiceSource SourceOf(VoiceReason reason) =>
        reason == VoiceReason.BusinessVoice ? VoiceSource.Business : VoiceSource.Default;

    public ValueTask DisposeAsync() => _command.DisposeAsync();

    private void Fill(List<Arrival> batch, bool asked)
    {
        var (callIds, businessIds) = (new string[batch.Count], new int[batch.Count]);
        var (startedAt, eventIds) = (new DateTime[batch.Count], new Guid[batch.Count]);
        var now = TimeProvider.System.GetUtcNow();
        for (var i = 0; i < batch.Count; i++)
        {
            var call = batch[i].Call;
            (callIds[i], businessIds[i], startedAt[i]) = (call.CallId, call.BusinessId, call.StartedAt.UtcDateTime);
            eventIds[i] = Guid.CreateVersion7(now);
        }

        (_callIds.TypedValue, _businessIds.TypedValue) = (callIds, businessIds);
        (_startedAt.TypedValue, _eventIds.TypedValue, _asked.TypedValue) = (startedAt, eventIds, asked);
    }
}
