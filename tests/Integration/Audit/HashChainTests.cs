using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Relay;
using Xunit;

namespace VoiceWorker.Tests.Integration.Audit;

/// <summary>What the sequencer writes as hashes, against what a consumer computes from the messages.</summary>
public sealed class HashChainTests(TestServers servers)
{
    // Of one, two, three and four bytes of UTF-8, and whatever an encoder may escape. U+0000 is in no jsonb.
    private static readonly string[] Characters =
    [
        "a", "B", "7", " ", "\"", "\\", "/", "'", "<", "&", "+", "`", "\u0001", "\b", "\t", "\n", "\u000b", "\f", "\r",
        "\u001f", "\u007f", "\u0085", "\u00a0", "ü", "ß", "é", "\u0301", "€", "\u2028", "\u2029", "\ufeff", "\ufffd", "\uffff",
        "漢", "😀", "\U0001d11e", "\U0010ffff", "null", "{}", "[", ",", ": ",
    ];

    [Fact]
    public async Task Every_hash_is_what_a_consumer_computes_from_the_messages()
    {
        var random = new Random(58);
        await using var database = await servers.Migrated.CopyAsync();
        await using var connections = new PostgresConnections(database.WorkerConnectionString, "public");
        await using var store = new EventStore(connections);
        await using var session = await connections.OpenAsync(Token);
        var sequencer = new Sequencer(store);
        var published = new List<Delivery>();

        for (var page = 0; page < 12; page++)
        {
            for (var n = 0; n < 40; n++)
                await OutboxTable.AddAsync(session, OutboxEvent.Of(Strange(random)), Token);
            published.AddRange(
                from stored in await sequencer.SequenceAsync(session, 0, random.Next(1, 60), advanceAlone: false, Token)
                select Message(stored));
        }

        Assert.InRange(published.Count, 100, 481);
        Assert.Empty(HashChain.FindBroken(published));
        // What a restart or a replay reads is the same.
        var read = await EventStore.ReadAfterAsync(session, 0, 1_000, Token);
        Assert.Equal(published.Select(one => one.Body), read.Select(stored => Message(stored).Body));
    }

    [Fact]
    public async Task A_text_that_is_no_hash_in_the_place_of_one_does_not_stop_the_sequencer()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await using var connections = new PostgresConnections(database.WorkerConnectionString, "public");
        await using var store = new EventStore(connections);
        await using var session = await connections.OpenAsync(Token);
        await SequenceAsync(store, session, 0);
        await database.ExecuteAsync("UPDATE voice_audit.mt_events SET headers = '{\"hash\": \"none of your business\"}'");

        var next = await SequenceAsync(store, session, 1);

        Assert.Equal((2, HashChain.Of(null, Json(next), nameof(CallVoiceResolved))), (next.Event.Sequence, next.Event.Hash));
    }

    [Fact]
    public async Task Behind_events_of_an_earlier_version_a_stream_begins_from_zeros()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await using var connections = new PostgresConnections(database.WorkerConnectionString, "public");
        await using var store = new EventStore(connections);
        await using var session = await connections.OpenAsync(Token);
        await SequenceAsync(store, session, 0);
        await database.ExecuteAsync("UPDATE voice_audit.mt_events SET headers = nullif(headers - 'hash', '{}')");

        var (second, third) = (await SequenceAsync(store, session, 1), await SequenceAsync(store, session, 2));

        Assert.Equal(HashChain.Of(null, Json(second), nameof(CallVoiceResolved)), second.Event.Hash);
        Assert.Equal(HashChain.Of(second.Event.Hash, Json(third), nameof(CallVoiceResolved)), third.Event.Hash);
        var old = (await EventStore.ReadAfterAsync(session, 0, 10, Token)).Single(
            one => one.Event is CallVoiceResolved { Sequence: 1 });
        Assert.False(Json(old).ContainsKey("hash"));
    }

    // The migration's own event comes first.
    private static async Task<StoredEvent> SequenceAsync(EventStore store, NpgsqlConnection session, int number)
    {
        await OutboxTable.AddAsync(session, SampleEvents.Resolved(1, number), Token);
        return (await new Sequencer(store).SequenceAsync(session, 0, 10, advanceAlone: false, Token))[^1];
    }

    private static Delivery Message(StoredEvent stored) => new(
        AuditMessage.Body(stored.Event), new BasicProperties { Type = stored.Event.GetType().Name });

    private static JsonObject Json(StoredEvent stored) => JsonSerializer.SerializeToNode(
        stored.Event, ContractsJson.Default.GetTypeInfo(stored.Event.GetType())!)!.AsObject();

    private static AuditEvent Strange(Random random)
    {
        AuditEvent strange = random.Next(5) switch
        {
            0 => new CallVoiceResolved
            {
                CallId = Text(random), BusinessId = random.Next(), VoiceId = Text(random), Source = VoiceSource.Default,
                Reason = VoiceReason.NoVoice, StoredVoiceId = random.Next(2) == 0 ? null : Text(random),
                StartedAt = DateTimeOffset.UnixEpoch.AddTicks(random.Next() * 10L),
            },
            1 => new BusinessVoiceUpdated
            {
                BusinessId = random.Next(), PreviousVoiceId = random.Next(2) == 0 ? null : Text(random), VoiceId = Text(random),
                ChangedAt = DateTimeOffset.UnixEpoch, ChangedBy = Text(random), ChangedOutside = random.Next(2) == 0,
            },
            2 => new OperatorActed
            {
                Operator = Text(random), Verb = Text(random), Note = Text(random), Result = OperatorActResult.Done,
                Filter = Names(random).ToDictionary(name => name, _ => Text(random), StringComparer.Ordinal),
                Counts = Names(random).ToDictionary(name => name, _ => random.NextInt64(), StringComparer.Ordinal),
            },
            3 => new SchemaMigrated
            {
                Migration = Text(random), Steps = [.. Names(random)], RowsBackfilled = random.NextInt64(), DurationMs = -1,
            },
            _ => new HistoryLost
            {
                IsComplete = random.Next(2) == 0,
                Lost = [.. Names(random).Select(name => new LostEvent
                {
                    EventId = Guid.NewGuid(), Sequence = random.NextInt64(), Type = name, RecordedAgain = true,
                })],
            },
        };
        return strange with
        {
            EventId = Guid.NewGuid(), Stream = $"business-{random.Next(1, 9)}",
            OccurredAt = DateTimeOffset.UnixEpoch.AddTicks(random.Next() * 10L),
        };
    }

    private static IEnumerable<string> Names(Random random) =>
        Enumerable.Range(0, random.Next(6)).Select(_ => Text(random)).Distinct(StringComparer.Ordinal);

    private static string Text(Random random)
    {
        var text = new StringBuilder();
        for (var length = random.Next(12); length > 0; length--)
            text.Append(Characters[random.Next(Characters.Length)]);
        return text.ToString();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
