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

        Assert.Equal(
            store.Types.ContractNames.Zip(store.Types.EventTypeNames, store.Types.DotNetTypeNames).Order(),
            store.KnownTypes.Where(type => Exchanges.OfAuditEvents.ContainsKey(type.EventType))
                .Select(type => (type.EventType.Name, type.EventTypeName, type.DotNetTypeName)).Order());
        Assert.Equal(store.Types.ContractNames, store.Types.EventTypeNames.Select(name => StoredTypes.ContractOf(name)?.Name));
    }

    [Fact]
    public void The_name_of_a_contract_follows_from_Marten_s_also_of_an_unknown_one()
    {
        Assert.Equal("CallVoiceForgotten", StoredTypes.ContractNameOf("call_voice_forgotten"));
        Assert.All(Exchanges.OfAuditEvents.Keys, contract => Assert.Equal(
            contract.Name, StoredTypes.ContractNameOf(StoredTypes.EventNameOf(contract))));
    }

    [Fact]
    public void A_name_of_another_version_has_no_contract() => Assert.Null(StoredTypes.ContractOf("call_voice_forgotten"));
}
