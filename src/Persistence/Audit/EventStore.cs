using JasperFx;
using JasperFx.Events;
using Marten;
using Npgsql;
using VoiceWorker.Contracts;
using Weasel.Core;

namespace VoiceWorker.Persistence.Audit;

/// <summary>
/// The permanent audit trail: Marten's event store in schema <c>voice_audit</c>. One stream per business, plus
/// <c>schema</c>; its only writer is the <see cref="Sequencer"/>, so that versions are gap-free and are the sequence on
/// the wire.
/// </summary>
public sealed class EventStore : IAsyncDisposable
{
    private const string Schema = "voice_audit";

    /// <summary>Where Marten marks, on a connection of its own, the positions of an append that failed.</summary>
    internal const string TombstoneStream = "mt_tombstone";

    private const string ReadSql = $"""
        SELECT {StoredEvent.Columns} FROM voice_audit.mt_events
        WHERE seq_id > $1 AND stream_id <> '{TombstoneStream}' ORDER BY seq_id LIMIT $2
        """;

    // Checked row by row, it was a fifth of what a page of events costs the database. The only writer writes streams
    // and events in one statement, and the verification compares them.
    private const string DropKeySql =
        $"ALTER TABLE {Schema}.mt_events DROP CONSTRAINT IF EXISTS fkey_mt_events_stream_id;";

    // Marten would add it again when it updates its schema, and read every event for it.
    private const string AddKeySql = $"""
        DO $$ BEGIN
            IF to_regclass('{Schema}.mt_events') IS NOT NULL AND NOT EXISTS (
                SELECT FROM pg_constraint WHERE conrelid = to_regclass('{Schema}.mt_events')
                    AND conname = 'fkey_mt_events_stream_id')
            THEN
                ALTER TABLE {Schema}.mt_events ADD CONSTRAINT fkey_mt_events_stream_id FOREIGN KEY (stream_id)
                    REFERENCES {Schema}.mt_streams (id) ON DELETE CASCADE NOT VALID;
            END IF;
        END $$
        """;

    // A search for a change passes over the calls of its stream by this. Marten knows nothing of it.
    private const string IndexName = "audit_changes";

    private const string AddIndexSql = $"""
        CREATE INDEX IF NOT EXISTS {IndexName} ON {Schema}.mt_events (stream_id, version)
            WHERE type <> 'call_voice_resolved';
        """;

    // A worker whose schema is at its target needs nothing of it.
    private readonly Lazy<DocumentStore> _store;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="connections">The database.</param>
    public EventStore(PostgresConnections connections) => _store = new(() => DocumentStore.For(options =>
    {
        Configure(options, connections.ConnectionString);
        options.Connection(connections.Source);
    }));

    /// <summary>What the types of events are called in the store.</summary>
    public StoredTypes Types { get; } = new();

    /// <summary>The same as Marten has them.</summary>
    internal IEnumerable<IEventType> KnownTypes =>
        ((IReadOnlyStoreOptions)_store.Value.Options).Events.AllKnownEventTypes();

    /// <summary>What the schema is recorded as: it follows Marten's version.</summary>
    public static string SchemaVersion { get; } =
        $"{Schema}_marten_{typeof(DocumentStore).Assembly.GetName().Version!.ToString(3)}";

    /// <summary>Creates or updates the schema.</summary>
    /// <param name="connection">One that migrates.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task ApplySchemaAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(AddKeySql, cancellationToken);
        await _store.Value.Storage.ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate.CreateOrUpdate);
        await connection.ExecuteAsync(DropKeySql + AddIndexSql, cancellationToken);
    }

    /// <summary>The whole schema as SQL.</summary>
    public string SchemaScript() => $"{_store.Value.Storage.ToDatabaseScript()}\n{DropKeySql}\n{AddIndexSql}\n";

    /// <summary>Reads on from a position, in store order.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="position">Exclusive.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<IReadOnlyList<StoredEvent>> ReadAfterAsync(
        NpgsqlConnection connection, long position, int limit, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReadSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = position }, new NpgsqlParameter<int> { TypedValue = limit },
            },
        };
        return await StoredEvent.ReadAllAsync(command, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _store.IsValueCreated ? _store.Value.DisposeAsync() : default;

    internal static void Configure(StoreOptions options, string connectionString)
    {
        options.Connection(connectionString);
        options.DatabaseSchemaName = Schema;
        options.AutoCreateSchemaObjects = AutoCreate.None;
        // Failed commands would log the JSON of events.
        options.DisableNpgsqlLogging = true;
        options.Events.DatabaseSchemaName = Schema;
        options.Events.StreamIdentity = StreamIdentity.AsString;
        options.Events.AppendMode = EventAppendMode.Quick;
        options.Events.MetadataConfig.HeadersEnabled = true;
        options.Events.IgnoreIndex(IndexName);
        options.Events.AddEventTypes(Exchanges.OfAuditEvents.Keys);
        options.UseSystemTextJsonForSerialization(AuditJson.Stored, casing: Casing.CamelCase);
    }
}

/// <summary>What contracts of audit events are called where events are kept: by their names in the outbox, as Marten
/// calls them in the event store.</summary>
public sealed class StoredTypes
{
    private static readonly Dictionary<string, Type> Contracts = Exchanges.OfAuditEvents.Keys
        .SelectMany(contract => new[] { (contract.Name, contract), (EventNameOf(contract), contract) })
        .ToDictionary(contract => contract.Item1, contract => contract.Item2, StringComparer.Ordinal);

    internal StoredTypes() { }

    /// <summary>Of each contract, as in <c>voice.outbox.type</c>.</summary>
    public string[] ContractNames { get; } = [.. Exchanges.OfAuditEvents.Keys.Select(type => type.Name)];

    /// <summary>Of the same contracts, as in <c>mt_events.type</c>.</summary>
    public string[] EventTypeNames { get; } = [.. Exchanges.OfAuditEvents.Keys.Select(EventNameOf)];

    /// <summary>Of the same contracts, as in <c>mt_events.mt_dotnet_type</c>.</summary>
    public string[] DotNetTypeNames { get; } = [.. Exchanges.OfAuditEvents.Keys.Select(DotNetNameOf)];

    /// <summary>What a contract is called in the event store.</summary>
    internal (string EventType, string DotNetType) NamesOf(Type contract)
    {
        var place = Array.IndexOf(ContractNames, contract.Name);
        return (EventTypeNames[place], DotNetTypeNames[place]);
    }

    /// <summary>What a contract is called in <c>mt_events.type</c>: as Marten does, which happens to be the name of its
    /// exchange with underscores.</summary>
    internal static string EventNameOf(Type contract) => Exchanges.OfAuditEvents[contract].Replace('-', '_');

    // As Marten does.
    private static string DotNetNameOf(Type contract) => $"{contract.FullName}, {contract.Assembly.GetName().Name}";

    /// <summary>The name of an event's contract, also of one that this version does not have.</summary>
    /// <param name="name">As in <c>mt_events.type</c>.</param>
    internal static string ContractNameOf(string name) => ContractOf(name)?.Name ?? string.Concat(
        from word in name.Split('_', StringSplitOptions.RemoveEmptyEntries)
        select char.ToUpperInvariant(word[0]) + word[1..]);

    /// <summary>The contract of an event.</summary>
    /// <param name="name">As in <c>mt_events.type</c> or <c>voice.outbox.type</c>.</param>
    /// <returns>Null for one that this version does not have.</returns>
    public static Type? ContractOf(string name) => Contracts.GetValueOrDefault(name);
}
