using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Network;
using VoiceWorker.Persistence;

namespace VoiceWorker.Tests.Faults.World;

/// <summary>Points of a message's path at which the proxies can hold a connection: a marked statement, or a frame of
/// AMQP.</summary>
internal static class FaultPoints
{
    // Its size, 13, class 60, method 80.
    private static readonly byte[] BasicAck = [0, 0, 0, 13, 0, 60, 0, 80];

    /// <summary>The broker has taken a message, and its publisher does not learn it.</summary>
    /// <param name="toBroker">The publisher's way to the broker.</param>
    public static Hold Confirms(FaultProxy toBroker) =>
        toBroker.HoldBack("confirm", Side.Server, Acknowledgement(Side.Server));

    /// <summary>An audit event is on its way to the broker, and the relay does not learn what becomes of it. Whether it
    /// has come there, FaultWorld.HasUnknownEventAsync says: which confirm is whose cannot be told, as
    /// one can be for several messages, and the memory's goes before the events.</summary>
    /// <param name="toBroker">The worker's way to the broker; replies are confirmed too, on another connection.</param>
    public static Hold ConfirmsOfEvents(FaultProxy toBroker) => toBroker.HoldBack(
        "confirm of events", Side.Server,
        Cue.Says(Side.Client, Exchanges.CallVoiceResolved), Acknowledgement(Side.Server));

    /// <summary>The worker publishes replies, and they do not leave.</summary>
    /// <param name="toBroker">The worker's way to the broker; replies have connections of their own.</param>
    /// <param name="queue">The callers'.</param>
    public static Hold Replies(FaultProxy toBroker, string queue) =>
        toBroker.HoldBack("replies", Side.Client, Cue.Says(Side.Client, queue));

    /// <summary>A consumer is done with a delivery, and the broker does not learn it.</summary>
    /// <param name="toBroker">The worker's way to the broker.</param>
    public static Hold Acknowledgements(FaultProxy toBroker) =>
        toBroker.HoldBack("acknowledgement", Side.Client, Acknowledgement(Side.Client));

    /// <summary>The leader has sequenced events and sends the statement for the next page, which does not
    /// arrive.</summary>
    /// <param name="toPostgres">The worker's way to the database.</param>
    public static Hold NextSequences(FaultProxy toPostgres) => toPostgres.HoldBack(
        "next statement of the sequencer", Side.Client,
        Cue.HasRun(StatementMark.Sequence), Cue.Runs(StatementMark.Sequence));

    /// <summary>A transaction has locked businesses and does not learn it, so that it stays open.</summary>
    /// <param name="toPostgres">The worker's way to the database.</param>
    public static Hold LocksOfChanges(FaultProxy toPostgres) => toPostgres.HoldBack(
        "locks of changes", Side.Server, Cue.HasRun(StatementMark.LockBusinesses));

    /// <summary>A group of calls is committed, and who asked for it does not learn it.</summary>
    /// <param name="toPostgres">The worker's way to the database.</param>
    public static Hold CommitAnswersOfCalls(FaultProxy toPostgres) => toPostgres.HoldBack(
        "answer to the commit of calls", Side.Server, Cue.IsCommitted(StatementMark.RecordCalls));

    /// <summary>The same of a group of changes.</summary>
    /// <param name="toPostgres">The worker's way to the database.</param>
    public static Hold CommitAnswersOfChanges(FaultProxy toPostgres) => toPostgres.HoldBack(
        "answer to the commit of changes", Side.Server, Cue.IsCommitted(StatementMark.RecordChanges));

    /// <summary>The same of a page of events.</summary>
    /// <param name="toPostgres">The worker's way to the database.</param>
    public static Hold CommitAnswersOfSequences(FaultProxy toPostgres) => toPostgres.HoldBack(
        "answer to the commit of sequences", Side.Server,
        Cue.HasRun(StatementMark.Sequence), Cue.IsCommitted(StatementMark.Sequence));

    private static Cue Acknowledgement(Side speaker) => Cue.Says(speaker, "basic.ack", BasicAck);
}
