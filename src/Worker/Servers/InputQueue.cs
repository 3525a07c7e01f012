using VoiceWorker.Contracts;

namespace VoiceWorker.Servers;

/// <summary>A queue that the worker consumes, with the two that keep what could not be processed.</summary>
/// <param name="Name">Of the queue, and of the exchange that MassTransit puts before it.</param>
/// <param name="Exchange">Where producers publish.</param>
/// <param name="Contract">The one type of its messages.</param>
internal sealed record InputQueue(string Name, string Exchange, Type Contract)
{
    public static InputQueue CallStarted { get; } =
        new("voice-worker.call-started", Exchanges.CallStarted, typeof(CallStarted));

    public static InputQueue BusinessVoiceChanged { get; } =
        new("voice-worker.business-voice-changed", Exchanges.BusinessVoiceChanged, typeof(BusinessVoiceChanged));

    public static IReadOnlyList<InputQueue> All { get; } = [CallStarted, BusinessVoiceChanged];

    /// <summary>Where the worker moves what breaks its contract.</summary>
    public string Error => Name + "_error";

    /// <summary>Where RabbitMQ puts what was delivered too often, or expired; exchange and queue.</summary>
    public string Dead => Name + "_dead";

    /// <summary>Both of them.</summary>
    public IReadOnlyList<string> DeadLetters => [Error, Dead];

    /// <summary>How it is declared.</summary>
    /// <param name="deliveryLimit">Always explicit: RabbitMQ 4 drops a message after 20 deliveries by default.</param>
    public Dictionary<string, object?> Arguments(int deliveryLimit) => QueueArguments.OfInput(Dead, deliveryLimit);
}
