using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Relay;
using Xunit;

namespace VoiceWorker.Tests.Integration.Relay;

/// <summary>What a relay works on: a migrated database with an empty outbox, and a broker with the exchanges of the
/// audit events.</summary>
internal sealed class RelayStage : IAsyncDisposable
{
    private RelayStage(LegacyDatabase database, BrokerClient broker)
    {
        (Database, Broker) = (database, broker);
        Connections = new PostgresConnections(database.WorkerConnectionString, "public");
        Store = new EventStore(Connections);
    }

    public LegacyDatabase Database { get; }

    public BrokerClient Broker { get; }

    public PostgresConnections Connections { get; }

    public EventStore Store { get; }

    public static async Task<RelayStage> SetAsync(TestServers servers)
    {
        var database = await servers.Migrated.CopyAsync();
        await database.ExecuteAsync("DELETE FROM voice.outbox");
        var stage = new RelayStage(database, await BrokerClient.ConnectAsync(servers.AmqpUri));
        await AuditTopology.DeclareAsync(stage.Broker.AmqpChannel, null, TestContext.Current.CancellationToken);
        return stage;
    }

    /// <summary>Puts events into the outbox.</summary>
    public async Task RecordAsync(params IEnumerable<OutboxEvent> events)
    {
        await using var session = await Connections.OpenAsync(TestContext.Current.CancellationToken);
        foreach (var one in events)
            await OutboxTable.AddAsync(session, one, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        await Store.DisposeAsync();
        await Connections.DisposeAsync();
        await Database.DisposeAsync();
    }
}
