using System.Diagnostics;
using System.Globalization;

namespace VoiceWorker.Bench;

/// <summary>What years of calls leave behind, made with SQL.</summary>
/// <param name="Calls">Rows of voice.call_voice.</param>
/// <param name="Events">Events in the store, the same number in each business's stream.</param>
internal sealed record Filling(int Calls, int Events)
{
    private const string At = "'2025-01-01'::timestamptz + n * interval '3 s'";

    // Of version 7: its time says where in the store the event lies.
    private const string EventId =
        $"overlay(overlay(lpad(to_hex((extract(epoch FROM {At}) * 1000)::bigint), 12, '0') "
        + "|| substr(md5(n::text), 1, 20) PLACING '7' FROM 13) PLACING '8' FROM 17)::uuid";

    public static Filling Large { get; } = new(10_000_000, 1_000_000);

    /// <summary>To try it out.</summary>
    public static Filling Small { get; } = new(100_000, 10_000);

    /// <summary>A database whose tables the worker has made at its start, filled without a worker at work.</summary>
    public async Task<BenchDatabase> CreateAsync(Stage stage, CancellationToken cancellationToken)
    {
        var (clock, system) = (Stopwatch.StartNew(), SystemUnderTest.Worker());
        var database = await stage.CreateDatabaseAsync(cancellationToken);
        await using (var worker = await system.StartAsync(stage, database, cancellationToken))
            await worker.StopAsync(cancellationToken);
        await stage.Broker.DeleteAsync(system.AllQueues, cancellationToken);
        foreach (var sql in new[] { CallsSql(), EventsSql(), "VACUUM ANALYZE" })
            await database.ExecuteAsync(sql, cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Calls:#,0} calls and {Events:#,0} events filled in {clock.Elapsed.TotalSeconds:0} s"));
        return database;
    }

    /// <summary>Ids of so many calls from all over the table.</summary>
    public async Task<IReadOnlyList<string>> CallIdsAsync(
        BenchDatabase database, int count, CancellationToken cancellationToken) =>
        [.. (await database.ReadAsync<string, int>(
            $"SELECT 'CA' || md5((1 + n * 7919 % {Calls})::text), n FROM generate_series(1, {count}) AS n",
            cancellationToken)).Keys];

    /// <summary>The last sequence of each stream.</summary>
    public static Task<Dictionary<string, long>> SequencesAsync(
        BenchDatabase database, CancellationToken cancellationToken) => database.ReadAsync<string, long>(
        "SELECT id, version FROM voice_audit.mt_streams WHERE version > 0", cancellationToken);

    // The index last: ten million random keys one by one would take an hour.
    private string CallsSql() => $"""
        ALTER TABLE voice.call_voice DROP CONSTRAINT call_voice_pkey;
        INSERT INTO voice.call_voice (call_id, business_id, started_at, voice_id, source, reason, event_id, decided_at)
        SELECT 'CA' || md5(n::text), (n - 1) % {Businesses.Count} + 1, {At}, 'ash',
               'business', 'businessVoice', {EventId}, {At}
        FROM generate_series(1, {Calls}) AS n;
        ALTER TABLE voice.call_voice ADD PRIMARY KEY (call_id);
        """;

    // Of the first calls, in the order in which they would have come: the streams in turn. A check of each foreign key
    // would take most of the time.
    private string EventsSql() => $"""
        SET session_replication_role = replica;
        INSERT INTO voice_audit.mt_streams (id, type, version, timestamp, created)
        SELECT 'business-' || b, NULL, {Events / Businesses.Count}, '2025-12-31', '2025-01-01'
        FROM generate_series(1, {Businesses.Count}) AS b
        ON CONFLICT (id) DO UPDATE SET version = excluded.version;
        INSERT INTO voice_audit.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type)
        SELECT nextval('voice_audit.mt_events_sequence'), {EventId},
               'business-' || ((n - 1) % {Businesses.Count} + 1), (n - 1) / {Businesses.Count} + 1,
               jsonb_build_object(
                   'callId', 'CA' || md5(n::text), 'businessId', (n - 1) % {Businesses.Count} + 1, 'voiceId', 'ash',
                   'source', 'business', 'reason', 'businessVoice',
                   'startedAt', to_jsonb({At}), 'occurredAt', to_jsonb({At})),
               'call_voice_resolved', {At},
               'VoiceWorker.Contracts.CallVoiceResolved, VoiceWorker.Contracts'
        FROM generate_series(1, {Events}) AS n;
        RESET session_replication_role;
        UPDATE voice.relay_checkpoint SET published_seq = (SELECT max(seq_id) FROM voice_audit.mt_events);
        """;
}
