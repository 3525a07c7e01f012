using MassTransit;
using VoiceWorker.Persistence;
using VoiceWorker.Servers;

namespace VoiceWorker.Bus;

/// <summary>Judges why a delivery failed: its contract, MassTransit, or a server.</summary>
internal static class DeliveryFailure
{
    /// <summary>The judgement; wrapped failures are looked into.</summary>
    public static Failure Of(Exception failure)
    {
        var causes = Failure.CausesOf(failure).ToList();
        if (causes.Find(cause => cause is InvalidMessageException) is { } invalid)
        {
            return new(FailureKind.Contract, invalid.GetType().FullName!, invalid.Message, invalid)
            {
                Names = invalid.Message,
            };
        }

        var judged = ServerFailure.Of(failure);
        return (judged.Kind is FailureKind.Unexpected || judged.Cause is OperationCanceledException)
            && causes.Select(Describe).FirstOrDefault(words => words is not null) is { } lost
                ? judged with { Kind = FailureKind.Outage, Words = lost } : judged;
    }

    // MassTransit makes a ConsumerCanceledException of a cancelled consumer, with nothing inside.
    private static string? Describe(Exception cause) => cause switch
    {
        OperationCanceledException or ConsumerCanceledException => "the consumer was stopped",
        ConnectionException or TransportException or TransportUnavailableException => cause.Message,
        _ => null,
    };
}
