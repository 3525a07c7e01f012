using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Servers;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Consuming;

/// <summary>Pausing, resuming and draining, each in one transaction with the record of who did it. What is so already
/// is no act, and is not recorded.</summary>
internal static class ConsumingActs
{
    /// <summary>Has no worker consume some queues.</summary>
    /// <param name="act">Who does it, and why.</param>
    /// <param name="tell">Hears why it takes longer, as after a promotion; null for nobody.</param>
    public static Task<IReadOnlyList<QueueAct>> PauseAsync(
        PostgresConnections connections, IReadOnlyList<InputQueue> queues, OperatorAct act, Action<string>? tell,
        CancellationToken cancellationToken) =>
        ActAsync(connections, queues, act, "paused", tell, async (connection, queue) =>
        {
            var (pause, isNew) = await QueuePauseTable.PauseAsync(
                connection, queue.Name, act.Operator, act.Note, cancellationToken);
            return new QueueAct(queue, pause, isNew);
        }, cancellationToken);

    /// <summary>Ends the pause of some queues.</summary>
    /// <inheritdoc cref="PauseAsync"/>
    public static Task<IReadOnlyList<QueueAct>> ResumeAsync(
        PostgresConnections connections, IReadOnlyList<InputQueue> queues, OperatorAct act, Action<string>? tell,
        CancellationToken cancellationToken) =>
        ActAsync(connections, queues, act, "resumed", tell, async (connection, queue) =>
        {
            var ended = await QueuePauseTable.ResumeAsync(connection, queue.Name, cancellationToken);
            return new QueueAct(queue, ended, ended is not null);
        }, cancellationToken);

    /// <summary>Has a worker consume nothing more, or go on.</summary>
    /// <returns>Whether that is another order than it had.</returns>
    /// <inheritdoc cref="PauseAsync"/>
    public static Task<bool> DrainAsync(
        PostgresConnections connections, Guid workerId, bool isDraining, OperatorAct act, Action<string>? tell,
        CancellationToken cancellationToken) =>
        CommitAsync(connections, tell, async connection =>
        {
            var isNew = await WorkerTable.DrainAsync(connection, workerId, isDraining, cancellationToken);
            if (isNew)
                await RecordAsync(connection, act, isDraining ? "drained" : "resumed", 1, cancellationToken);
            return isNew;
        }, cancellationToken);

    private static Task<IReadOnlyList<QueueAct>> ActAsync(
        PostgresConnections connections, IReadOnlyList<InputQueue> queues, OperatorAct act, string what,
        Action<string>? tell, Func<NpgsqlConnection, InputQueue, Task<QueueAct>> one,
        CancellationToken cancellationToken) =>
        CommitAsync(connections, tell, async connection =>
        {
            var done = new List<QueueAct>();
            // In one order for everybody: two that meet wait for each other's end, and not for each other.
            foreach (var queue in queues.OrderBy(queue => queue.Name, StringComparer.Ordinal))
                done.Add(await one(connection, queue));
            if (done.Count(queue => queue.IsNew) is > 0 and var changed)
                await RecordAsync(connection, act, what, changed, cancellationToken);
            return (IReadOnlyList<QueueAct>)done;
        }, cancellationToken);

    private static Task RecordAsync(
        NpgsqlConnection connection, OperatorAct act, string what, int count, CancellationToken cancellationToken)
    {
        act[what] = count;
        return OperatorActionTable.RecordAsync(connection, act.ToEvent(OperatorActResult.Done), cancellationToken);
    }

    private static Task<T> CommitAsync<T>(
        PostgresConnections connections, Action<string>? tell, Func<NpgsqlConnection, Task<T>> act,
        CancellationToken cancellationToken) =>
        HistoryPatience.RunAsync(() => connections.CommitAsync(async connection =>
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var result = await act(connection);
            await transaction.CommitAsync(cancellationToken);
            return result;
        }, cancellationToken), tell, cancellationToken);
}

/// <summary>What became of one queue.</summary>
/// <param name="Queue">Which.</param>
/// <param name="Pause">The pause that is in force, or has ended; null where there was none to be ended.</param>
/// <param name="IsNew">Whether anything changed.</param>
internal sealed record QueueAct(InputQueue Queue, QueuePause? Pause, bool IsNew);
