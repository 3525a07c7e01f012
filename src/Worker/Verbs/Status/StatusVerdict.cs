using System.Globalization;
using System.Text.Json.Nodes;
using VoiceWorker.Servers;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Status;

/// <summary>Whether callers get their voices, in a sentence: what an operator wants to know first.</summary>
/// <param name="Level">How it is.</param>
/// <param name="Text">What is the matter.</param>
/// <param name="Remedy">What to do; null when nothing is to be done.</param>
internal sealed record StatusVerdict(VerdictLevel Level, string Text, string? Remedy = null)
{
    private const double LongWait = 10;
    private const double LongUnpublished = 60;
    private const double SmallShare = 0.01;
    private const double LargeShare = 0.1;

    /// <summary>First whether callers get their voices, or why not; then what else should be looked at, the worst
    /// first.</summary>
    /// <param name="status">As <see cref="StatusReader"/> gives it.</param>
    public static IReadOnlyList<StatusVerdict> Of(JsonObject status)
    {
        var all = OfServers(status).Concat(OfWorkers(status)).Concat(OfQueues(status)).Concat(OfRelay(status))
            .Concat(OfSchema(status)).OrderByDescending(one => one.Level).ToList();
        return all.Any(one => one.Level is VerdictLevel.Bad) ? all : [Good(status), .. all];
    }

    /// <summary>As JSON.</summary>
    public JsonObject ToJson() => new()
    {
        ["level"] = Level switch { VerdictLevel.Bad => "bad", VerdictLevel.Warning => "warning", _ => "good" },
        ["text"] = Text, ["remedy"] = Remedy,
    };

    private static StatusVerdict Good(JsonObject status)
    {
        var ready = Workers(status).Count(worker => (bool)worker["ready"]!);
        return new(
            VerdictLevel.Good, $"Callers get their voices: {Terminal.Count(ready, "worker")} {Are(ready)} ready.");
    }

    private static IEnumerable<StatusVerdict> OfServers(JsonObject status)
    {
        if (!Answers(status["postgres"]))
        {
            yield return new(
                VerdictLevel.Bad, "PostgreSQL cannot be used: callers get the default voice after Replies:Deadline.",
                $"{status["postgres"]?["failure"]}. Start it, or correct ConnectionStrings:Postgres; nothing is lost "
                + "meanwhile.");
        }

        if (!Answers(status["rabbitMq"]))
        {
            yield return new(
                VerdictLevel.Bad, "RabbitMQ cannot be used: no call reaches a worker.",
                $"{status["rabbitMq"]?["failure"]}. Start it, or correct ConnectionStrings:RabbitMq.");
        }
    }

    private static IEnumerable<StatusVerdict> OfWorkers(JsonObject status)
    {
        if (status["postgres"]?["workers"] is not JsonArray workers)
            yield break;
        if (!workers.Any(worker => (bool)worker!["ready"]!))
        {
            yield return new(
                VerdictLevel.Bad,
                workers.Count == 0 ? "No worker runs: calls wait in their queue."
                    : $"No worker is ready ({Terminal.Count(workers.Count, "worker")} {Are(workers.Count)} there): "
                        + "calls wait in their queue.",
                "Start one (voice-worker run); its log and /health/ready say what it waits for.");
        }

        var share = workers.Max(worker => worker!["fallbackShare"].Number());
        if (share >= SmallShare)
        {
            yield return new(
                share >= LargeShare ? VerdictLevel.Bad : VerdictLevel.Warning,
                string.Create(CultureInfo.InvariantCulture,
                    $"{share:P0} of the latest calls of a worker got the default voice: PostgreSQL was too slow."),
                "Look for what slows it down: locks, a full disk, a backup; docs/runbooks.md has the steps.");
        }
    }

    private static IEnumerable<StatusVerdict> OfQueues(JsonObject status)
    {
        foreach (var pause in (status["postgres"]?["pausedQueues"]).Rows())
        {
            yield return new(
                LevelOf(pause),
                $"{pause["queue"]} is paused since {pause["pausedAt"]} by {pause["pausedBy"]}: its messages wait.",
                "Resume it when its reason is gone: voice-worker resume.");
        }

        foreach (var queue in (status["rabbitMq"]?["queues"]).Rows().Where(queue => !(bool)queue["exists"]!))
        {
            yield return new(
                LevelOf(queue), $"The queue {queue["queue"]} is missing.",
                "A worker declares it when it starts.");
        }

        if (status["callSecondsLeft"].Number() >= LongWait)
        {
            yield return new(
                VerdictLevel.Bad,
                $"Calls wait: at the rate of now the last of them is answered in {Age(status["callSecondsLeft"])}.",
                "Add a worker, or look for what slows PostgreSQL down.");
        }

        var dead = (long)(status["rabbitMq"]?["deadLetters"]).Rows().Sum(queue => queue["messages"].Number() ?? 0);
        if (dead > 0)
        {
            yield return new(
                VerdictLevel.Warning, $"{Terminal.Count(dead, "message")} could not be processed and "
                + $"{(dead == 1 ? "is" : "are")} kept as dead letters.",
                "Look at the reasons; correct and send, replay, or discard them: voice-worker dead-letters.");
        }
    }

    private static IEnumerable<StatusVerdict> OfRelay(JsonObject status)
    {
        if (status["postgres"]?["relay"] is not { } relay)
            yield break;
        if (relay["held"] is { } held)
        {
            yield return new(
                VerdictLevel.Warning, $"Audit events are held: {held}.",
                "Bind a queue for them, or make room in the one that is full; none is lost.");
        }
        else if (relay["oldestUnpublishedSeconds"].Number() >= LongUnpublished
            || relay["oldestUnsequencedSeconds"].Number() >= LongUnpublished)
        {
            yield return new(
                VerdictLevel.Warning, "Audit events are late: the oldest waits for "
                + $"{Age(Later(relay["oldestUnpublishedSeconds"], relay["oldestUnsequencedSeconds"]))}.",
                relay["leader"] is null ? "No worker relays them: start one."
                    : "Look at the log of the relaying worker.");
        }
    }

    private static IEnumerable<StatusVerdict> OfSchema(JsonObject status)
    {
        if (status["postgres"]?["schema"] is { } schema)
        {
            foreach (var problem in schema["problems"]!.AsArray())
                yield return new(
                    VerdictLevel.Bad, $"The schema does not verify: {problem}.", "Run voice-worker migrate.");
            if (schema["pending"] is JsonArray { Count: > 0 } pending)
            {
                yield return new(
                    VerdictLevel.Warning, $"A migration is left to do or runs: {pending[0]}.",
                    "voice-worker migrate --plan shows it.");
            }
        }

        if (status["postgres"]?["changes"]?["outside"].Number() is > 0 and var outside)
        {
            yield return new(
                VerdictLevel.Warning, $"{Terminal.Count((long)outside, "business", "businesses")} "
                + $"{(outside == 1 ? "has" : "have")} another stored voice than the history says.",
                "voice-worker status names them; voice set makes a change that stands.");
        }
    }

    private static IEnumerable<JsonNode> Workers(JsonObject status) => (status["postgres"]?["workers"]).Rows();

    // Without the calls' queue no caller gets a voice; what else stops lets them have the one that is stored.
    private static VerdictLevel LevelOf(JsonNode queue) =>
        (string?)queue["queue"] == InputQueue.CallStarted.Name ? VerdictLevel.Bad : VerdictLevel.Warning;

    private static bool Answers(JsonNode? server) => (bool?)server?["answers"] is true;

    private static JsonNode? Later(JsonNode? one, JsonNode? other) =>
        one.Number() >= (other.Number() ?? 0) ? one : other;

    private static string Age(JsonNode? seconds) => Terminal.Age(TimeSpan.FromSeconds(seconds.Number()!.Value));

    private static string Are(int count) => count == 1 ? "is" : "are";
}

/// <summary>How things are; the greater, the worse.</summary>
internal enum VerdictLevel
{
    Good,

    /// <summary>Callers get their voices, and something should be looked at.</summary>
    Warning,

    /// <summary>Callers do not get their voices.</summary>
    Bad,
}
