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
        return judged.Kind is FailureKind.Unexpected && causes.Find(IsOfTheWay) is { } lost
            ? judged with { Kind = FailureKind.Outage, Words = Describe(lost) } : judged;
    }

    // MassTransit makes a ConsumerCanceledException of a cancelled consumer, with nothing inside.
    private static bool IsOfTheWay(Exception cause) =>
        cause is OperationCanceledException or ConsumerCanceledException or ObjectDisposedException
            or ConnectionException or TransportException or TransportUnavailableException;

    private static string Describe(Exception lost) => lost switch
    {
        OperationCanceledException or ConsumerCanceledException => "the consumer was stopped",
        ObjectDisposedException => "the connection is closed",
        _ => lost.Message,
    };
}
