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
            Terminal.WriteWrapped(ConsumingWords.Line(act, isPaused));
        return TellWorkers(obedience, ConsumingWords.OfNone(isPaused));
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

        Terminal.WriteWrapped(ConsumingWords.Line(worker, isDraining, isNew));
        return TellWorkers(obedience, ConsumingWords.Ended);
    }

    private static int TellWorkers(Obedience obedience, string ofNone)
    {
        foreach (var line in ConsumingWords.Workers(obedience, ofNone))
            Terminal.WriteWrapped(line);
        return CodeOf(obedience);
    }

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
