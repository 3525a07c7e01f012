using Npgsql;
using VoiceWorker.Calls;
using VoiceWorker.Changes;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Retention;
using VoiceWorker.Voices;
using Xunit;

namespace VoiceWorker.Tests.Integration.Retention;

/// <summary>A migrated database with the worker's own ways to record, to sequence and to remove.</summary>
internal sealed class RetentionFixture : IAsyncDisposable
{
    private static readonly VoiceCatalogue Catalogue = new(new VoiceOptions());

    private RetentionFixture(LegacyDatabase database, PostgresConnections connections, NpgsqlConnection session)
    {
        (Database, Connections, Session) = (database, connections, session);
        Store = new EventStore(connections);
    }

    public LegacyDatabase Database { get; }

    public PostgresConnections Connections { get; }

    /// <summary>Of the worker's role, which may remove.</summary>
    public NpgsqlConnection Session { get; }

    public EventStore Store { get; }

    public static async Task<RetentionFixture> CreateAsync(TestServers servers)
    {
        var database = await servers.Migrated.CopyAsync(RecordedPast.Businesses);
        await database.AllowRetentionAsync();
        await database.ExecuteAsync("DELETE FROM voice.outbox");
        var connections = new PostgresConnections(database.WorkerConnectionString, "public");
        return new RetentionFixture(database, connections, await connections.OpenAsync(Token));
    }

    public Task RecordAsync(params CallStarted[] calls) =>
        new CallTransaction(Connections, Catalogue, TimeProvider.System)
            .CommitAsync([.. calls.Select(call => new PendingCall(call, null))], Token);

    public async Task<ChangeRejection?> RecordAsync(BusinessVoiceChanged change) =>
        (await new ChangeTransaction(Connections, Catalogue, TimeProvider.System)
            .CommitAsync([new PendingChange(change, null)], Token))[0].Reason;

    /// <summary>Gives what is in the outbox its sequences and takes it for published.</summary>
    public async Task<IReadOnlyList<StoredEvent>> PublishAsync()
    {
        var page = await SequenceAsync();
        await RelayCheckpointTable.AdvanceAsync(Session, page[^1].Position, Token);
        return page;
    }

    public Task<IReadOnlyList<StoredEvent>> SequenceAsync() => new Sequencer(Store).SequenceAsync(Session, 0, 1_000, advanceAlone: false, Token);

    /// <summary>Seals what is sequenced, and takes the seal for published: what has none is not removed.</summary>
    public async Task SealAsync()
    {
        var (last, _, _) = await SealWriter.ReadAsync(Session, 1, Token);
        var stored = await new SealWriter(Store).SealAsync(Session, last, TimeProvider.System.GetUtcNow(), Token);
        await RelayCheckpointTable.AdvanceAsync(Session, stored!.Position, Token);
    }

    /// <summary>Removes until nothing is too old.</summary>
    public async Task<long> RemoveAsync(RetentionStore store, double keepDays, int page = 1_000)
    {
        var removed = 0L;
        Removal removal;
        do
        {
            removal = await RetentionTable.RemoveAsync(
                Session, store, TimeSpan.FromDays(keepDays), TimeProvider.System.GetUtcNow(), page, Token);
            removed += removal.Removed;
        }
        while (removal.Passed == page);
        return removed;
    }

    public Task<RetentionHorizon> HorizonAsync(RetentionStore store) => RetentionTable.ReadAsync(Session, store, Token);

    public async ValueTask DisposeAsync()
    {
        await Session.DisposeAsync();
        await Store.DisposeAsync();
        await Connections.DisposeAsync();
        await Database.DisposeAsync();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
