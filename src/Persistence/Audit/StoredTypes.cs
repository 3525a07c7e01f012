using JasperFx.Events;
using VoiceWorker.Contracts;

namespace VoiceWorker.Persistence.Audit;

/// <summary>What contracts of audit events are called where events are kept: by their names in the outbox, as Marten
/// calls them in the event store.</summary>
public sealed class StoredTypes
{
    // Marten's name of a contract is that of its exchange, with underscores.
    private static readonly Dictionary<string, Type> Contracts = Exchanges.OfAuditEvents
        .SelectMany(
            exchange => new[] { (exchange.Key.Name, exchange.Key), (exchange.Value.Replace('-', '_'), exchange.Key) })
        .ToDictionary(contract => contract.Item1, contract => contract.Item2, StringComparer.Ordinal);

    internal StoredTypes(IReadOnlyList<IEventType> known)
    {
        // Marten has types of its own.
        var types = known.Where(type => Exchanges.OfAuditEvents.ContainsKey(type.EventType)).ToList();
        ContractNames = [.. types.Select(type => type.EventType.Name)];
        EventTypeNames = [.. types.Select(type => type.EventTypeName)];
        DotNetTypeNames = [.. types.Select(type => type.DotNetTypeName)];
    }

    /// <summary>Of each contract, as in <c>voice.outbox.type</c>.</summary>
    public string[] ContractNames { get; }

    /// <summary>Of the same contracts, as in <c>mt_events.type</c>.</summary>
    public string[] EventTypeNames { get; }

    /// <summary>Of the same contracts, as in <c>mt_events.mt_dotnet_type</c>.</summary>
    public string[] DotNetTypeNames { get; }

    /// <summary>The contract of an event.</summary>
    /// <param name="name">As in <c>mt_events.type</c> or <c>voice.outbox.type</c>.</param>
    /// <returns>Null for one that this version does not have.</returns>
    public static Type? ContractOf(string name) => Contracts.GetValueOrDefault(name);
}
