using VoiceWorker.Infrastructure.Network;

namespace VoiceWorker.Tests.Faults.World;

/// <summary>Moments of a message's path at which the proxies can stop the world.</summary>
internal static class FaultPoints
{
    // Of a basic.ack frame: its size, 13, class 60, method 80.
    private static readonly byte[] BasicAck = [0, 0, 0, 13, 0, 60, 0, 80];

    /// <summary>The broker has taken audit events, and the relay does not learn it.</summary>
    /// <param name="toBroker">The worker's way to the broker.</param>
    public static Hold Confirms(FaultProxy toBroker) => toBroker.HoldBack(Side.Server, Side.Server, BasicAck);

    /// <summary>A consumer is done with a delivery, and the broker does not learn it.</summary>
    /// <param name="toBroker">The worker's way to the broker.</param>
    public static Hold Acknowledgements(FaultProxy toBroker) => toBroker.HoldBack(Side.Client, Side.Client, BasicAck);

    /// <summary>A transaction is committed, and who asked for it does not learn it.</summary>
    /// <param name="toPostgres">The worker's way to the database.</param>
    public static Hold CommitAnswers(FaultProxy toPostgres) => toPostgres.HoldBack(Side.Server, Side.Client, "COMMIT\0"u8);
}
