using System.Text.Json.Nodes;
using VoiceWorker.Persistence;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Consuming;

/// <summary>What an act of consuming did, for people and as JSON; the exit code is of who obeys.</summary>
internal static class ConsumingScreen
{
    /// <summary>Queues that were paused or resumed.</summary>
    public static int Tell(IReadOnlyList<QueueAct> acts, bool isPaused, Obedience obedience, bool json)
    {
        if (json)
        {
            var document = Describe(obedience);
            document.Insert(0, "queues", new JsonArray([.. acts.Select(act => Describe(act, isPaused))]));
            JsonScreen.Write(document);
            return CodeOf(obedience);
        }

        foreach (var act in acts)
            Terminal.WriteWrapped(Line(act, isPaused));
        return TellWorkers(obedience, isPaused ? "the queue is paused for those that start"
            : "those that start will consume it");
    }

    /// <summary>A worker that is to drain, or to go on.</summary>
    public static int Tell(WorkerState worker, bool isDraining, bool isNew, Obedience obedience, bool json)
    {
        if (json)
        {
            var document = Describe(obedience);
            document.Insert(0, "draining", isDraining);
            document.Insert(1, "changed", isNew);
            JsonScreen.Write(document);
            return CodeOf(obedience);
        }

        Terminal.WriteWrapped($"{WorkerSelection.Name(worker)} " + (isDraining, isNew) switch
        {
            (true, true) => "is to consume nothing more",
            (true, false) => "was to drain already",
            (false, true) => "is to consume again",
            (false, false) => "was not to drain",
        });
        return TellWorkers(obedience, "it has ended meanwhile");
    }

    private static int TellWorkers(Obedience obedience, string ofNone)
    {
        var (all, obeying) = (obedience.Workers.Count, obedience.Workers.Count(one => one.Obeys));
        Terminal.WriteWrapped(all == 0 ? $"no worker runs: {ofNone}"
            : $"{obeying} of {all} {(all == 1 ? "worker obeys" : "workers obey")}"
                + (obedience.InFlight is > 0 and var inFlight ? $", {inFlight} deliveries are in flight" : ""));
        foreach (var (worker, _) in obedience.Workers.Where(one => !one.Obeys))
        {
            Terminal.WriteWrapped($"not yet: {WorkerSelection.Name(worker)}" + (worker.Consuming is null
                ? $", of version {PeerText.Line(worker.Version)}, which knows no pause" : ""));
        }

        return CodeOf(obedience);
    }

    private static string Line(QueueAct act, bool isPaused) => act switch
    {
        { Pause: { } pause, IsNew: false } => $"{act.Queue.Name} was paused already, since "
            + $"{Terminal.Instant(pause.PausedAt)} by {PeerText.Line(pause.PausedBy)}"
            + (pause.Note is { } note ? $": {PeerText.Line(note)}" : ""),
        { IsNew: false } => $"{act.Queue.Name} was not paused",
        { Pause: { } ended } when !isPaused => $"{act.Queue.Name} is resumed; it was paused since "
            + $"{Terminal.Instant(ended.PausedAt)} by {PeerText.Line(ended.PausedBy)}",
        _ => $"{act.Queue.Name} is paused",
    };

    private static JsonObject Describe(QueueAct act, bool isPaused) => new()
    {
        ["queue"] = act.Queue.Name, ["paused"] = isPaused, ["changed"] = act.IsNew,
        ["pausedAt"] = act.Pause?.PausedAt.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
        ["pausedBy"] = act.Pause?.PausedBy, ["note"] = act.Pause?.Note,
    };

    private static JsonObject Describe(Obedience obedience) => new()
    {
        ["obeying"] = obedience.Workers.Count(one => one.Obeys),
        ["workers"] = new JsonArray([.. obedience.Workers.Select(one => new JsonObject
        {
            ["workerId"] = one.Worker.WorkerId, ["host"] = one.Worker.Host, ["version"] = one.Worker.Version,
            ["obeys"] = one.Obeys, ["inFlight"] = one.Worker.Consuming?.InFlight,
            ["draining"] = one.Worker.IsDraining, ["drained"] = one.Worker.Consuming?.IsDrained ?? false,
        })]),
    };

    private static int CodeOf(Obedience obedience) => obedience.IsComplete ? ExitCode.Ok : ExitCode.NotObeyed;
}
