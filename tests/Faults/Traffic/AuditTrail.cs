using VoiceWorker.Contracts;

namespace VoiceWorker.Tests.Faults.Traffic;

/// <summary>Every audit event that has arrived, repeats included, in order of arrival.</summary>
public sealed class AuditTrail
{
    private readonly Lock _lock = new();
    private readonly List<Delivery> _deliveries = [];
    private readonly HashSet<string> _eventIds = [];

    /// <summary>Different events, without that of the migration and the seals.</summary>
    public Milestone Effects { get; } = new("audit events");

    /// <summary>Takes an event.</summary>
    public void Take(Delivery delivery)
    {
        lock (_lock)
        {
            _deliveries.Add(delivery);
            if (delivery.Properties.Type is not (nameof(SchemaMigrated) or nameof(TrailSealed)) && _eventIds.Add(delivery.Properties.MessageId ?? ""))
                Effects.AdvanceTo(_eventIds.Count);
        }
    }

    /// <summary>So far.</summary>
    public IReadOnlyList<Delivery> Deliveries()
    {
        lock (_lock)
            return [.. _deliveries];
    }

    /// <summary>Deliveries beyond the first of each event.</summary>
    public int Repeats()
    {
        lock (_lock)
            return _deliveries.Count - _deliveries.Select(delivery => delivery.Properties.MessageId).Distinct().Count();
    }
}
