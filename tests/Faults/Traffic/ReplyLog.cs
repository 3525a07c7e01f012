namespace VoiceWorker.Tests.Faults.Traffic;

/// <summary>Every reply that has arrived.</summary>
public sealed class ReplyLog
{
    private readonly Lock _lock = new();
    private readonly List<Delivery> _deliveries = [];

    /// <summary>Takes a reply.</summary>
    public void Take(Delivery delivery)
    {
        lock (_lock)
            _deliveries.Add(delivery);
    }

    /// <summary>So far.</summary>
    public IReadOnlyList<Delivery> Deliveries()
    {
        lock (_lock)
            return [.. _deliveries];
    }
}
