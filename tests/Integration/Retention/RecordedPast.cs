namespace VoiceWorker.Tests.Integration.Retention;

/// <summary>What earlier days left behind, made with SQL.</summary>
internal static class RecordedPast
{
    public const int Businesses = 10;

    /// <summary>So many calls of all businesses in turn, evenly spread over so many days until now: recorded, sequenced and
    /// published. Call ids are no more in order than those of a telephony provider.</summary>
    public static Task AddCallsAsync(LegacyDatabase database, int calls, int days) => database.ExecuteAsync($"""
        INSERT INTO voice_audit.mt_streams (id, version, timestamp, created)
        SELECT 'business-' || b, {calls / Businesses}, now(), now() FROM generate_series(1, {Businesses}) AS b;
        CREATE TEMP TABLE past AS
        SELECT n, md5('event' || n)::uuid AS event_id, 'CA' || reverse(lpad(n::text, 8, '0')) AS call_id, n % {Businesses} + 1 AS business_id,
               (n - 1) / {Businesses} + 1 AS version, now() - interval '{days} days' + n * (interval '{days} days' / {calls}) AS at
        FROM generate_series(1, {calls}) AS n;
        INSERT INTO voice_audit.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type)
        SELECT nextval('voice_audit.mt_events_sequence'), event_id, 'business-' || business_id, version,
               jsonb_build_object('callId', call_id, 'businessId', business_id, 'voiceId', 'ash', 'source', 'business',
                   'reason', 'businessVoice', 'startedAt', at, 'occurredAt', at),
               'call_voice_resolved', at, 'VoiceWorker.Contracts.CallVoiceResolved, VoiceWorker.Contracts'
        FROM past ORDER BY n;
        INSERT INTO voice.call_voice (call_id, business_id, started_at, voice_id, source, reason, event_id, decided_at)
        SELECT call_id, business_id, at, 'ash', 'business', 'businessVoice', event_id, at FROM past ORDER BY n;
        UPDATE voice.relay_checkpoint SET published_seq = (SELECT max(seq_id) FROM voice_audit.mt_events);
        """);

    /// <summary>Id of the n-th call, from 1.</summary>
    public static string CallId(int n) => "CA" + string.Concat($"{n:D8}".Reverse());

    /// <summary>Lets all events have been recorded so many days earlier.</summary>
    public static Task AgeAsync(LegacyDatabase database, int days) =>
        database.ExecuteAsync($"UPDATE voice_audit.mt_events SET timestamp = timestamp - interval '{days} days'");
}
