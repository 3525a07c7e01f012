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

    // Only to make the schema: a worker with nothing to migrate starts without Marten.
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

    /// <summary>What the schema is recorded as: it follows Marten's version.</summary>
    public static string SchemaVersion { get; } =
        $"{Schema}_marten_{typeof(DocumentStore).Assembly.GetName().Version!.ToString(3)}";

    /// <summary>Creates or updates the schema.</summary>
    public Task ApplySchemaAsync() =>
        _store.Value.Storage.ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate.CreateOrUpdate);

    /// <summary>The whole schema as SQL.</summary>
    public string SchemaScript() => _store.Value.Storage.ToDatabaseScript();

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

    internal StoredTypes()
    {
        var types = Exchanges.OfAuditEvents.Keys.ToList();
        ContractNames = [.. types.Select(type => type.Name)];
        EventTypeNames = [.. types.Select(EventNameOf)];
        // As Marten does.
        DotNetTypeNames = [.. types.Select(type => $"{type.FullName}, {type.Assembly.GetName().Name}")];
    }

    /// <summary>Of each contract, as in <c>voice.outbox.type</c>.</summary>
    public string[] ContractNames { get; }

    /// <summary>Of the same contracts, as in <c>mt_events.type</c>.</summary>
    public string[] EventTypeNames { get; }

    /// <summary>Of the same contracts, as in <c>mt_events.mt_dotnet_type</c>.</summary>
    public string[] DotNetTypeNames { get; }

    /// <summary>What a contract is called in the event store.</summary>
    internal (string EventType, string DotNetType) NamesOf(Type contract)
    {
        var place = Array.IndexOf(ContractNames, contract.Name);
        return (EventTypeNames[place], DotNetTypeNames[place]);
    }

    /// <summary>What a contract is called in <c>mt_events.type</c>: as Marten does, which happens to be the name of its
    /// exchange with underscores.</summary>
    internal static string EventNameOf(Type contract) => Exchanges.OfAuditEvents[contract].Replace('-', '_');

    /// <summary>The contract of an event.</summary>
    /// <param name="name">As in <c>mt_events.type</c> or <c>voice.outbox.type</c>.</param>
    /// <returns>Null for one that this version does not have.</returns>
    public static Type? ContractOf(string name) => Contracts.GetValueOrDefault(name);
}
