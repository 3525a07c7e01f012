using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using Xunit;

namespace VoiceWorker.Tests.Integration.Audit;

/// <summary>What Marten makes of a schema that it does not know all of.</summary>
public sealed class EventStoreSchemaTests(TestServers servers)
{
    [Fact]
    public async Task An_index_that_Marten_does_not_know_stays_when_it_updates_its_schema()
    {
        const string IndexSql = "SELECT 'voice_audit.audit_changes'::regclass::oid::int8";
        await using var database = await servers.Migrated.CopyAsync();
        await using var connections = new PostgresConnections(database.ConnectionString, "public");
        await using var store = new EventStore(connections);
        await using var session = await connections.OpenAsync(Token);
        var before = await database.ScalarAsync<long>(IndexSql);

        await store.ApplySchemaAsync(session, Token);

        Assert.Equal(before, await database.ScalarAsync<long>(IndexSql));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
