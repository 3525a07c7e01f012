using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.DeadLetters;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.DeadLetters;

/// <summary>Sends dead letters back to where they failed, and finds out which fail again.</summary>
internal static class DeadLetterReplay
{
    /// <summary>What would be sent.</summary>
    public static async Task<DeadLetterGroups> PlanAsync(
        IConnection connection, ReplayOrder order, CancellationToken interruption)
    {
        await using var queues = new DeadLetterQueues(connection);
        var groups = new DeadLetterGroups();
        await groups.AddAsync(DeadLetterSelection.ChooseAsync(queues, order.Which, order.Limit, interruption));
        return groups;
    }

    /// <summary>Sends, then waits for what comes back.</summary>
    /// <param name="act">Is counted as it goes on.</param>
    /// <param name="progress">Is told of each letter.</param>
    /// <param name="interruption">Ends it early, after what is under way; also the wait.</param>
    /// <exception cref="OperationCanceledException">It ended while the one that is meant was looked for.</exception>
    public static async Task<ReplayResult> RunAsync(
        IConnection connection, ReplayOrder order, TimeProvider time, OperatorAct act,
        IProgress<ReplayProgress> progress, CancellationToken interruption)
    {
        var (sent, stays) = (new Resent(), new List<Stay>());
        (act["sent"], act["stay"]) = (0, 0);
        await using (var queues = new DeadLetterQueues(connection))
        {
            var letters = DeadLetterSelection.ChooseAsync(queues, order.Which, order.Limit, interruption);
            var paced = PaceAsync(letters, new Pace(order.Rate, time), interruption);
            await foreach (var (letter, obstacle) in paced.ReplayAsync(CancellationToken.None))
            {
                if (obstacle is null)
                    sent.Add(letter, letter.Message.Body, order.KeepsIds);
                else
                    stays.Add(new(letter.Queue, letter.Id, obstacle));
                (act["sent"], act["stay"]) = (sent.Count, stays.Count);
                progress.Report(new(sent.Count, stays.Count, obstacle is null ? null : stays[^1]));
            }
        }

        var back = await sent.WaitOrLeaveAsync(connection, order.Patience, time, interruption);
        act["cameBack"] = back.Count;
        return new(sent.Count, sent.Ids, stays, back, interruption.IsCancellationRequested);
    }

    // When it is interrupted there are no more, and what is under way is finished.
    private static async IAsyncEnumerable<DeadLetter> PaceAsync(
        IAsyncEnumerable<DeadLetter> letters, Pace pace, [EnumeratorCancellation] CancellationToken interruption)
    {
        var count = 0;
        await foreach (var letter in letters)
        {
            if (count++ % pace.Portion == 0 && !await MayGoOnAsync(pace, interruption))
                yield break;
            yield return letter;
        }
    }

    private static async Task<bool> MayGoOnAsync(Pace pace, CancellationToken interruption)
    {
        try
        {
            await pace.WaitAsync(pace.Portion, interruption);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

/// <summary>What is to be sent, and how.</summary>
/// <param name="Which">Letters that match.</param>
/// <param name="Limit">At most so many, the oldest; 0 means all.</param>
/// <param name="Rate">At most so many per second; null for as fast as it goes.</param>
/// <param name="Patience">How long to wait for what comes back; zero does not wait.</param>
internal sealed record ReplayOrder(DeadLetterFilter Which, int Limit, int? Rate, TimeSpan Patience)
{
    /// <summary>Whether the result names each that was sent.</summary>
    public bool KeepsIds { get; init; }
}

/// <summary>How far it is.</summary>
/// <param name="Sent">So many so far.</param>
/// <param name="Stays">So many could not be sent.</param>
/// <param name="Latest">The latest letter, when that is one of them.</param>
internal readonly record struct ReplayProgress(int Sent, int Stays, Stay? Latest);

/// <summary>A letter that could not be sent, and is where it was. Without its body: very many can stay.</summary>
/// <param name="Queue">Where.</param>
/// <param name="Id">Its id.</param>
/// <param name="Obstacle">Why.</param>
internal sealed record Stay(string Queue, string Id, string Obstacle)
{
    public JsonObject ToJson() => new() { ["queue"] = Queue, ["id"] = Id, ["obstacle"] = Obstacle };
}

/// <summary>What became of a replay.</summary>
/// <param name="Sent">How many were sent.</param>
/// <param name="Ids">The ids that they had, if they were to be kept.</param>
/// <param name="Stays">Those that could not be sent.</param>
/// <param name="Back">Those that failed again.</param>
/// <param name="IsInterrupted">Whether it was ended early.</param>
internal sealed record ReplayResult(
    int Sent, IReadOnlyList<string> Ids, IReadOnlyList<Stay> Stays, Homecoming Back, bool IsInterrupted)
{
    /// <summary>As an act.</summary>
    public OperatorActResult Ended => IsInterrupted ? OperatorActResult.Interrupted
        : Stays.Count == 0 && Back.Count == 0 ? OperatorActResult.Done : OperatorActResult.Incomplete;
}
