using VoiceWorker.Persistence;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Consuming;

/// <summary>What became of an act of consuming, in sentences without their full stop.</summary>
internal static class ConsumingWords
{
    /// <summary>Of a worker that is to obey, when it runs no more.</summary>
    public const string Ended = "it has ended meanwhile";

    /// <summary>What is so when no worker runs.</summary>
    public static string OfNone(bool isPaused) =>
        isPaused ? "the queue is paused for those that start" : "those that start will consume it";

    /// <summary>Of a queue.</summary>
    public static string Line(QueueAct act, bool isPaused) => act switch
    {
        { Pause: { } pause, IsNew: false } => $"{act.Queue.Name} was paused already, since "
            + $"{Terminal.Instant(pause.PausedAt)} by {PeerText.Line(pause.PausedBy)}"
            + (pause.Note is { } note ? $": {PeerText.Line(note)}" : ""),
        { IsNew: false } => $"{act.Queue.Name} was not paused",
        { Pause: { } ended } when !isPaused => $"{act.Queue.Name} is resumed; it was paused since "
            + $"{Terminal.Instant(ended.PausedAt)} by {PeerText.Line(ended.PausedBy)}",
        _ => $"{act.Queue.Name} is paused",
    };

    /// <summary>Of a worker.</summary>
    public static string Line(WorkerState worker, bool isDraining, bool isNew) =>
        $"{WorkerSelection.Name(worker)} " + (isDraining, isNew) switch
        {
            (true, true) => "is to consume nothing more",
            (true, false) => "was to drain already",
            (false, true) => "is to consume again",
            (false, false) => "was not to drain",
        };

    /// <summary>How many workers obey, and a line for each that does not yet.</summary>
    /// <param name="ofNone">What is so when none runs.</param>
    public static IEnumerable<string> Workers(Obedience obedience, string ofNone)
    {
        var (all, obeying) = (obedience.Workers.Count, obedience.Workers.Count(one => one.Obeys));
        yield return all == 0 ? $"no worker runs: {ofNone}"
            : $"{obeying} of {all} {(all == 1 ? "worker obeys" : "workers obey")}"
                + (obedience.InFlight is > 0 and var inFlight ? $", {inFlight} deliveries are in flight" : "");
        foreach (var (worker, _) in obedience.Workers.Where(one => !one.Obeys))
        {
            yield return $"not yet: {WorkerSelection.Name(worker)}" + (worker.Consuming is null
                ? $", of version {PeerText.Line(worker.Version)}, which knows no pause" : "");
        }
    }
}
