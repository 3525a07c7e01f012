using System.ComponentModel.DataAnnotations;

namespace VoiceWorker.Bus;

/// <summary>Section <c>Bus</c>.</summary>
public sealed class BusOptions
{
    /// <summary>Deliveries of one queue in flight at a time; also how many calls are answered while the database is
    /// away.</summary>
    [Range(1, 65_535)]
    public int Prefetch { get; set; } = 5_000;

    /// <summary>Deliveries of one message before RabbitMQ moves it to the dead-letter queue; counts lost connections
    /// too.</summary>
    [Range(2, 100_000)]
    public int DeliveryLimit { get; set; } = 100;
}
