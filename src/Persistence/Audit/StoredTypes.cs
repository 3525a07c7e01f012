using JasperFx.Events;

namespace VoiceWorker.Persistence.Audit;

/// <summary>What contracts of audit events are called where events are kept: by their names in the outbox, as Marten
/// calls them in the event store.</summary>
public sealed class StoredTypes
{
    private readonly Dictionary<string, Type> _contracts;

    internal StoredTypes(IReadOnlyList<IEventType> types)
    {
        _contracts = types.ToDictionary(type => type.EventTypeName, type => type.EventType, StringComparer.Ordinal);
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

    /// <summary>The contract that Marten calls so.</summary>
    /// <param name="eventTypeName">As in <c>mt_events.type</c>.</param>
    public Type ContractOf(string eventTypeName) => _contracts[eventTypeName];
}
