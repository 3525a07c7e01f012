using System.Globalization;
using System.Text.Json.Nodes;
using VoiceWorker.Persistence;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Status;

/// <summary>The state of the worker for people.</summary>
internal static class StatusScreen
{
    private const int LabelWidth = 16;

    // The longest of ours: beside it a line has room on 80 columns.
    private const int NameWidth = 41;

    /// <summary>One screen; lines that are wider wrap between words.</summary>
    public static IEnumerable<string> Lines(JsonObject status, int width) => new[]
    {
        Label("at", Short(status["at"])),
    }.Concat(VerdictLines(status)).Concat(DatabaseLines(status["postgres"]!))
        .Concat(BrokerLines(status["rabbitMq"]!)).Concat(RateLines(status))
        .SelectMany(line => Wrapped(line, width));

    /// <summary>The same in one line, for a file or a pipe.</summary>
    public static string Line(JsonObject status)
    {
        var (database, broker) = (status["postgres"]!, status["rabbitMq"]!);
        var relay = database["relay"];
        string[] parts =
        [
            Short(status["at"]),
            Answers(database) ? "postgres answers" : "postgres DOWN",
            Answers(broker) ? "rabbitMq answers" : "rabbitMq DOWN",
            relay is null ? "relay ?" : relay["leader"] is { } leader ? $"leader {leader["pid"]}" : "leader none",
            $"unsequenced {Text(relay?["unsequenced"])} ({Age(relay?["oldestUnsequencedSeconds"])})",
            $"unpublished {Text(relay?["unpublished"])} ({Age(relay?["oldestUnpublishedSeconds"])})",
            $"queued {Text(Messages(broker["queues"]))}",
            $"dead letters {Text(Messages(broker["deadLetters"]))}",
        ];
        return string.Join("  ", parts);
    }

    private static IEnumerable<string> VerdictLines(JsonObject status) => status["verdicts"].Rows().Select(verdict =>
        Label(((string)verdict["level"]!).ToUpperInvariant(), $"{verdict["text"]}"
            + (verdict["remedy"] is { } remedy ? $" {remedy}" : "")));

    private static List<string> DatabaseLines(JsonNode database)
    {
        if (!Answers(database))
            return [Label("postgres", $"DOWN: {database["failure"]}")];
        var schema = database["schema"]!;
        var lines = new List<string> { Label("postgres", "answers") };
        lines.AddRange(List("schema", schema["problems"]!.AsArray(), "verifies"));
        lines.AddRange(List("pending", schema["pending"]!.AsArray(), "nothing"));
        if (database["lastMigration"] is { } run)
        {
            var end = run["completedAt"] is { } done ? $"completed {Short(done)}" : "NOT COMPLETED";
            lines.Add(Label("last migration", $"{run["migration"]}, {end}, {run["rowsBackfilled"]} rows changed"));
        }

        if (database["relay"] is { } relay)
        {
            lines.AddRange(PauseLines(database["pausedQueues"]));
            lines.AddRange(WorkerLines(database["workers"]));
            lines.AddRange(RelayLines(relay));
        }

        if (database["changes"] is { } changes)
            lines.Add(Label("changed outside", ChangedOutside(changes)));
        lines.Add(Label("voices", Voices(database["voices"]!["businesses"], "businesses")));
        lines.Add(Label("", Voices(database["voices"]!["callsOfLastDay"], "calls in 24 h")));
        return lines;
    }

    private static IEnumerable<string> RateLines(JsonObject status)
    {
        if (status["callsPerSecond"] is not { } rate)
            yield break;
        var left = (double?)status["callSecondsLeft"] switch
        {
            null => "unknown: no call was answered lately",
            0 => "no call waits",
            { } seconds => Terminal.Age(TimeSpan.FromSeconds(seconds)),
        };
        yield return Label("rate", $"{rate} calls/s, time left: {left}");
    }

    private static IEnumerable<string> WorkerLines(JsonNode? workers) =>
        (workers as JsonArray ?? []).Select((worker, i) => Label(i == 0 ? "workers" : "", Worker(worker!)))
            .DefaultIfEmpty(Label("workers", "none has written its row lately"));

    private static IEnumerable<string> PauseLines(JsonNode? pauses) =>
        (pauses as JsonArray ?? []).Select((pause, i) => Label(i == 0 ? "PAUSED" : "", Pause(pause!)));

    private static string Pause(JsonNode pause) =>
        $"{pause["queue"]} since {Short(pause["pausedAt"])} by {pause["pausedBy"]}"
        + (pause["note"] is { } note ? $": {note}" : "");

    private static string Worker(JsonNode worker) => string.Join("  ", new[]
    {
        Text(worker["host"]), Text(worker["version"]), Text(worker["role"]),
        (bool)worker["ready"]! ? "ready" : "NOT READY", (bool?)worker["drained"] is true ? "DRAINED"
            : (bool?)worker["draining"] is true ? "DRAINING" : null,
        $"{worker["callsPerSecond"]} calls/s", Replies(worker),
        worker["inFlight"] is { } inFlight ? $"{inFlight} in flight" : null,
        $"since {Short(worker["startedAt"])}",
    }.OfType<string>());

    private static string? Replies(JsonNode worker) => worker["repliesP50Ms"] is not { } half ? null
        : $"replies p50 {half} ms, p99 {worker["repliesP99Ms"]} ms"
            + ((double?)worker["fallbackShare"] is > 0 and var share
                ? string.Create(CultureInfo.InvariantCulture, $", {share:P1} without the database") : "");

    private static IEnumerable<string> RelayLines(JsonNode relay)
    {
        if (relay["held"] is { } held)
            yield return Label("HELD", $"audit events are held: {held}");
        yield return Label("relay leader", relay["leader"] is { } leader
            ? $"pid {leader["pid"]} from {Text(leader["client"])}, session since {Short(leader["sessionSince"])}"
            : "NONE: no worker relays audit events");
        yield return Label(
            "unsequenced",
            $"{relay["unsequenced"]} events, the oldest waits for {Age(relay["oldestUnsequencedSeconds"])}");
        yield return Label(
            "unpublished",
            $"{relay["unpublished"]} events, the oldest waits for {Age(relay["oldestUnpublishedSeconds"])}");
    }

    private static IEnumerable<string> BrokerLines(JsonNode broker)
    {
        if (!Answers(broker))
            return [Label("rabbitMq", $"DOWN: {broker["failure"]}")];
        return new[] { Label("rabbitMq", "answers") }
            .Concat(broker["queues"]!.AsArray().Select((queue, i) => Label(
                i == 0 ? "queues" : "", Queue(queue!, "consumers"))))
            .Concat(broker["deadLetters"]!.AsArray().Select((queue, i) => Label(
                i == 0 ? "dead letters" : "", Queue(queue!, null))));
    }

    private static string Queue(JsonNode queue, string? consumers)
    {
        var name = ((string)queue["queue"]!).PadRight(NameWidth);
        return (bool)queue["exists"]!
            ? $"{name} {queue["messages"],8}{(consumers is null ? "" : $"  {queue["consumers"]} {consumers}")}"
            : $"{name}  missing";
    }

    private static IEnumerable<string> List(string label, JsonArray lines, string none) =>
        lines.Select(line => line!.ToString()).DefaultIfEmpty(none)
            .Select((line, i) => Label(i == 0 ? label : "", line));

    private static string ChangedOutside(JsonNode changes)
    {
        var named = changes["businesses"]!.AsArray();
        var (count, first) = ((long)changes["outside"]!, string.Join(", ", named.Select(
            one => $"{one!["businessId"]} has {Text(one["stored"])}, recorded {one["recorded"]}")));
        return (count == 0 ? "no voice" : $"{count} {(count == 1 ? "voice" : "voices")}: {first}"
                + (count > named.Count ? ", …" : ""))
            + ((bool)changes["complete"]! ? "" : " (not all were looked at)");
    }

    private static string Voices(JsonNode? voices, string of) => voices is JsonObject { Count: > 0 } counted
        ? $"{of}: " + string.Join(
            ", ", counted.Select(voice => $"{(voice.Key.Length == 0 ? "none" : voice.Key)} {voice.Value}"))
        : $"{of}: none";

    private static string Label(string label, string text) => $"{label.PadRight(LabelWidth)}{PeerText.Escape(text)}";

    private static IEnumerable<string> Wrapped(string line, int width) => line.Length <= width ? [line]
        : Terminal.Wrap(line[LabelWidth..], width - LabelWidth)
            .Select((text, i) => (i == 0 ? line[..LabelWidth] : new string(' ', LabelWidth)) + text);

    private static string Short(JsonNode? instant) => instant is null ? "?"
        : Terminal.Instant(DateTimeOffset.Parse((string)instant!, CultureInfo.InvariantCulture));

    private static string Age(JsonNode? seconds) =>
        seconds is null ? "?" : Terminal.Age(TimeSpan.FromSeconds((double)seconds));

    private static bool Answers(JsonNode server) => (bool)server["answers"]!;

    private static string Text(JsonNode? value) => value?.ToString() ?? "?";

    // A queue that is missing holds none.
    private static long? Messages(JsonNode? queues) =>
        queues is JsonArray found ? found.Sum(queue => (long?)queue!["messages"] ?? 0) : null;
}
