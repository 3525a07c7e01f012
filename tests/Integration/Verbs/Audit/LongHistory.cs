using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Audit;

/// <summary>A store of several portions, for tests that only read it: what a worker recorded, and 50,000 calls of
/// business 9 a second apart, of which number 40,000 was decided at ten. Positions have holes.</summary>
public sealed class LongHistory(TestServers servers) : IAsyncLifetime
{
    private readonly RecordedHistory _recorded = new(servers);

    public LegacyDatabase Database { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await _recorded.InitializeAsync();
        Database = await _recorded.CopyAsync();
        await Database.ExecuteAsync("""
            UPDATE voice_audit.mt_events SET timestamp = '2026-01-01';
            INSERT INTO voice_audit.mt_streams (id, version, timestamp, created, is_archived, tenant_id)
            SELECT 'business-9', 50000, timestamp, created, is_archived, tenant_id FROM voice_audit.mt_streams WHERE id = 'business-8';
            INSERT INTO voice_audit.mt_events (seq_id, id, stream_id, version, data, type, mt_dotnet_type, tenant_id, timestamp)
            SELECT 1000000 + n * 3, gen_random_uuid(), 'business-9', n, jsonb_build_object(
                       'occurredAt', '2026-01-01T22:53:20Z'::timestamptz + n * interval '1 second', 'callId', 'CA-long-' || n, 'businessId', 9,
                       'voiceId', CASE WHEN n IN (10001, 20000, 20001, 39999, 40000, 40001, 50000) THEN 'coral' ELSE 'ash' END,
                       'source', 'business', 'reason', 'businessVoice', 'startedAt', '2026-01-01T00:00:00Z'::timestamptz),
                   type, mt_dotnet_type, tenant_id, '2026-01-01T22:53:20Z'::timestamptz + n * interval '1 second'
            FROM generate_series(1, 50000) AS n, voice_audit.mt_events WHERE stream_id = 'business-8' AND version = 1
            """);
    }

    public async ValueTask DisposeAsync()
    {
        if (Database is not null)
            await Database.DisposeAsync();
        await _recorded.DisposeAsync();
    }
}
