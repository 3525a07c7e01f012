using JasperFx;
using JasperFx.Events;
using Marten;
using Marten.Services;
using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Outbox;
using Weasel.Core;

namespace VoiceWorker.Persistence.Audit;

/// <summary>
/// The permanent audit trail: Marten's event store in schema <c>voice_audit</c>. One stream per business, plus
/// <c>schema</c>; with a single writer its versions are gap-free and are the sequence on the wire.
/// </summary>
public sealed class EventStore : IAsyncDisposable
{
    private const string Schema = "voice_audit";
    private const string TraceParentHeader = "traceparent";

    /// <summary>Where Marten marks, on a connection of its own, the positions of an append that failed.</summary>
    internal const string TombstoneStream = "mt_tombstone";

    private readonly DocumentStore _store;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="connections">The database.</param>
    public EventStore(PostgresConnections connections) => _store = DocumentStore.For(options =>
    {
        options.Connection(connections.ConnectionString);
        options.DatabaseSchemaName = Schema;
        options.AutoCreateSchemaObjects = AutoCreate.None;
        // Failed commands would log the JSON of events.
        options.DisableNpgsqlLogging = true;
        options.Events.DatabaseSchemaName = Schema;
        options.Events.StreamIdentity = StreamIdentity.AsString;
        options.Events.AppendMode = EventAppendMode.Quick;
        options.Events.MetadataConfig.HeadersEnabled = true;
        options.Events.AddEventTypes(Exchanges.OfAuditEvents.Keys);
        // Whatever the options say of names, Marten goes by this.
        options.UseSystemTextJsonForSerialization(AuditJson.Stored, casing: Casing.CamelCase);
    });

    /// <summary>What the schema is recorded as: it follows Marten's version.</summary>
    public static string SchemaVersion { get; } =
        $"{Schema}_marten_{typeof(DocumentStore).Assembly.GetName().Version!.ToString(3)}";

    /// <summary>Creates or updates the schema.</summary>
    public Task ApplySchemaAsync() => _store.Storage.ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate.CreateOrUpdate);

    /// <summary>The whole schema as SQL.</summary>
    public string SchemaScript() => _store.Storage.ToDatabaseScript();

    /// <summary>Appends events within the transaction that takes them out of the outbox.</summary>
    /// <param name="transaction">Of the only writer; committing or rolling back is its owner's.</param>
    /// <param name="events">In order.</param>
    /// <param name="cancellationToken">Cancels the append.</param>
    /// <returns>The same events with the places that they have once the transaction commits, in store order.</returns>
    public async Task<IReadOnlyList<StoredEvent>> AppendAsync(
        NpgsqlTransaction transaction, IReadOnlyList<OutboxEvent> events, CancellationToken cancellationToken)
    {
        await using var session = _store.LightweightSession(SessionOptions.ForTransaction(transaction));
        var appended = events.Select(ToMarten).ToList();
        foreach (var (outbox, stored) in events.Zip(appended))
            session.Events.Append(outbox.Stream, stored);
        await session.SaveChangesAsync(cancellationToken);
        return appended.Select(FromMarten).OrderBy(stored => stored.Position).ToList();
    }

    /// <summary>Reads on from a position, in store order.</summary>
    /// <param name="connection">The relay's, without an open transaction.</param>
    /// <param name="position">Exclusive.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public async Task<IReadOnlyList<StoredEvent>> ReadAfterAsync(
        NpgsqlConnection connection, long position, int limit, CancellationToken cancellationToken)
    {
        // A session on a bare connection would close it; within a transaction it does not.
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var session = _store.QuerySession(SessionOptions.ForTransaction(transaction));
        var events = await session.Events.QueryAllRawEvents()
            .Where(e => e.Sequence > position && e.StreamKey != TombstoneStream)
            .OrderBy(e => e.Sequence).Take(limit).ToListAsync(cancellationToken);
        return events.Select(FromMarten).ToList();
    }

    /// <summary>Builds what the first append and the first query need, so that the first event does not wait for it.
    /// Leaves nothing behind.</summary>
    /// <param name="connection">Without an open transaction.</param>
    /// <param name="now">Any instant.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task WarmUpAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var sample = new SchemaMigrated
        {
            EventId = Guid.CreateVersion7(now), Stream = $"warm-up-{Guid.NewGuid():N}", OccurredAt = now,
            Migration = "", Steps = [], RowsBackfilled = 0, DurationMs = 0,
        };
        await AppendAsync(transaction, [OutboxEvent.Of(sample)], cancellationToken);
        await transaction.RollbackAsync(cancellationToken);
        await ReadAfterAsync(connection, long.MaxValue, 1, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private static IEvent ToMarten(OutboxEvent outbox)
    {
        IEvent wrapped = AuditJson.Read(outbox.Type, outbox.Body) switch
        {
            CallVoiceResolved data => new Event<CallVoiceResolved>(data),
            BusinessVoiceUpdated data => new Event<BusinessVoiceUpdated>(data),
            BusinessVoiceChangeRejected data => new Event<BusinessVoiceChangeRejected>(data),
            SchemaMigrated data => new Event<SchemaMigrated>(data),
            var other => throw new InvalidOperationException($"{other.GetType().Name} has no place in the event store"),
        };
        wrapped.Id = outbox.EventId;
        if (outbox.TraceParent is { } traceParent)
            wrapped.SetHeader(TraceParentHeader, traceParent);
        return wrapped;
    }

    private static StoredEvent FromMarten(IEvent stored) => new(
        stored.Sequence,
        (AuditEvent)stored.Data with { EventId = stored.Id, Stream = stored.StreamKey!, Sequence = stored.Version },
        stored.GetHeader(TraceParentHeader)?.ToString());
}
