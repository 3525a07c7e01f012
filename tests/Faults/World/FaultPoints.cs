using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Network;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Tests.Faults.World;

/// <summary>Moments of a message's path at which the proxies can stop the world. Each hears what makes it that moment
/// and no other, on the very connection.</summary>
internal static class FaultPoints
{
    private const string Commit = "COMMIT\0";

    // Of a basic.ack frame: its size, 13, class 60, method 80.
    private static readonly byte[] BasicAck = [0, 0, 0, 13, 0, 60, 0, 80];

    /// <summary>The broker has taken a message, and its publisher does not learn it.</summary>
    /// <param name="toBroker">The publisher's way to the broker.</param>
    public static Hold Confirms(FaultProxy toBroker) => toBroker.HoldBack(Side.Server, new Cue(Side.Server, BasicAck));

    /// <summary>The broker has taken audit events, and the relay does not learn it.</summary>
    /// <param name="toBroker">The worker's way to the broker; replies are confirmed too, on another connection.</param>
    public static Hold ConfirmsOfEvents(FaultProxy toBroker) => toBroker.HoldBack(
        Side.Server, Cue.Of(Side.Client, Exchanges.CallVoiceResolved), new Cue(Side.Server, BasicAck));

    /// <summary>A consumer is done with a delivery, and the broker does not learn it.</summary>
    /// <param name="toBroker">The worker's way to the broker.</param>
    public static Hold Acknowledgements(FaultProxy toBroker) =>
        toBroker.HoldBack(Side.Client, new Cue(Side.Client, BasicAck));

    /// <summary>The leader has sequenced events of calls and is about to commit. To be asked for before it takes the
    /// leadership: the leader is who listens then.</summary>
    /// <param name="toPostgres">The worker's way to the database.</param>
    /// <param name="callIds">What all of them begin with.</param>
    public static Hold CommitsOfSequences(FaultProxy toPostgres, string callIds) => toPostgres.HoldBack(
        Side.Client, Cue.Of(Side.Client, $"LISTEN {OutboxTable.Channel}"), Cue.Of(Side.Server, callIds),
        Cue.Of(Side.Client, Commit));

    /// <summary>The same, the leader's first such transaction being committed: each leader achieves something.</summary>
    /// <param name="toPostgres">The worker's way to the database.</param>
    /// <param name="callIds">What all of them begin with.</param>
    public static Hold SecondCommitsOfSequences(FaultProxy toPostgres, string callIds) => toPostgres.HoldBack(
        Side.Client, Cue.Of(Side.Client, $"LISTEN {OutboxTable.Channel}"), Cue.Of(Side.Server, callIds),
        Cue.Of(Side.Client, Commit), Cue.Of(Side.Server, callIds), Cue.Of(Side.Client, Commit));

    /// <summary>A transaction has locked businesses and does not learn it, so that it stays open. To be asked for before there
    /// is any load: later the statement goes by a name.</summary>
    /// <param name="toPostgres">The worker's way to the database.</param>
    public static Hold LocksOfChanges(FaultProxy toPostgres) => toPostgres.HoldBack(
        Side.Server, Cue.Of(Side.Client, "FOR NO KEY UPDATE"));

    /// <summary>A group of calls is committed along with its last statement, and who asked for it does not learn it: the session
    /// is idle, where that of a change has its COMMIT before it.</summary>
    /// <param name="toPostgres">The worker's way to the database.</param>
    public static Hold CommitAnswersOfCalls(FaultProxy toPostgres) => toPostgres.HoldBack(
        Side.Server, Cue.Of(Side.Server, "NOTIFY\0Z\0\0\0\u0005I"));

    /// <summary>Changes or sequences are committed, and who asked for it does not learn it.</summary>
    /// <param name="toPostgres">The worker's way to the database.</param>
    public static Hold CommitAnswers(FaultProxy toPostgres) => toPostgres.HoldBack(
        Side.Server, Cue.Of(Side.Client, Commit), Cue.Of(Side.Server, Commit));
}
