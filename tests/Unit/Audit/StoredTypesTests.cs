using Marten;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Tests.Unit.Audit;

public sealed class StoredTypesTests
{
    [Fact]
    public async Task Every_contract_is_found_by_its_name_in_the_outbox_and_by_Marten_s()
    {
        await using var connections = new PostgresConnections("Host=localhost", "public");
        await using var store = new EventStore(connections);

        foreach (var names in new[] { store.Types.ContractNames, store.Types.EventTypeNames })
        {
            Assert.Equal(
                Exchanges.OfAuditEvents.Keys.Select(contract => contract.Name).Order(),
                names.Select(name => StoredTypes.ContractOf(name)?.Name).Order());
        }

        Assert.Equal(store.Types.ContractNames, store.Types.EventTypeNames.Select(name => StoredTypes.ContractOf(name)?.Name));
    }

    [Fact]
    public async Task Types_are_called_what_Marten_calls_them()
    {
        var options = new StoreOptions();
        EventStore.Configure(options, "Host=localhost");
        await using var marten = new DocumentStore(options);
        var known = ((IReadOnlyStoreOptions)marten.Options).Events.AllKnownEventTypes();
        await using var connections = new PostgresConnections("Host=localhost", "public");
        await using var store = new EventStore(connections);

        Assert.All(Exchanges.OfAuditEvents.Keys, contract =>
        {
            var type = known.Single(type => type.EventType == contract);
            Assert.Equal((type.EventTypeName, type.DotNetTypeName), store.Types.NamesOf(contract));
        });
    }

    [Fact]
    public void A_name_of_another_version_has_no_contract() => Assert.Null(StoredTypes.ContractOf("call_voice_forgotten"));
}
