using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Audit;

/// <summary>Audit events for people: plain columns, which stay whole when they are piped.</summary>
internal static class AuditScreen
{
    /// <summary>As on the wire.</summary>
    public static JsonObject Json(StoredEvent stored)
    {
        var fields = JsonSerializer.SerializeToNode(
            stored.Event, ContractsJson.Default.GetTypeInfo(stored.Event.GetType())!)!.AsObject();
        fields.Insert(0, "type", stored.Event.GetType().Name);
        return fields;
    }

    /// <summary>One line each, as they are read.</summary>
    public static async Task<long> WriteLinesAsync(IAsyncEnumerable<StoredEvent> events)
    {
        var count = 0L;
        await foreach (var stored in events)
        {
            if (count++ == 0)
                Write(Row("STREAM", "SEQUENCE", "DECIDED AT"), "WHAT");
            Write(Front(stored.Event), What(stored.Event));
        }

        return count;
    }

    /// <summary>Each field on a line of its own.</summary>
    public static async Task<long> WriteWholeAsync(IAsyncEnumerable<JsonObject> events)
    {
        var count = 0L;
        await foreach (var fields in events)
        {
            if (count++ > 0)
                Console.WriteLine();
            foreach (var (name, value) in fields)
                WriteField(name, PeerText.Escape(TextOf(name, value)));
        }

        return count;
    }

    /// <summary>One event on one line.</summary>
    public static string Line(AuditEvent told) => Front(told) + What(told);

    private static string TextOf(string name, JsonNode? value) => value switch
    {
        null => "-",
        JsonObject cause when name is AuditCause.OfCall or AuditCause.OfRejected => string.Join(
            "; ", cause.Where(part => part.Value is not null)
                .Select(part => part.Key == AuditCause.NoteKey ? $"{part.Value}" : $"{part.Key} {part.Value}")),
        JsonArray or JsonObject => JsonScreen.Line(value),
        _ => value.ToString(),
    };

    private static void WriteField(string name, string text)
    {
        var lines = Terminal.Wrap($"{name}: {text}", Terminal.Width - 4).ToList();
        Console.WriteLine(lines[0]);
        foreach (var line in lines.Skip(1))
            Console.WriteLine("    " + line);
    }

    // Below its row where it is wider than the screen.
    private static void Write(string front, string what)
    {
        if (front.Length + what.Length <= Terminal.Width)
            Console.WriteLine(front + what);
        else
            Terminal.Wrap(what, Terminal.Width - 4).Select(line => "    " + line).Prepend(front.TrimEnd())
                .ToList().ForEach(Console.WriteLine);
    }

    private static string Front(AuditEvent told) => Row(
        told.Stream, told.Sequence.ToString(CultureInfo.InvariantCulture), Terminal.Instant(told.OccurredAt));

    private static string What(AuditEvent told) => PeerText.Escape(Describe(told));

    private static string Row(string stream, string sequence, string occurredAt) =>
        $"{stream,-20}  {sequence,10}  {occurredAt,-24}  ";

    private static string Describe(AuditEvent told) => told switch
    {
        CallVoiceResolved call => $"call {call.CallId} got {call.VoiceId}: {NameOf(call.Reason)}"
            + (call.StoredVoiceId is { } stored ? $" ({stored})" : ""),
        BusinessVoiceUpdated change =>
            $"voice {change.PreviousVoiceId ?? "none"} became {change.VoiceId}{By(change.ChangedBy)}",
        BusinessVoiceChangeRejected change =>
            $"voice {change.VoiceId} rejected: {NameOf(change.Reason)}{By(change.ChangedBy)}",
        SchemaMigrated run => $"{run.Migration}: {string.Join(' ', run.Steps)}",
        HistoryLost loss => $"{loss.Lost.Count} published events were lost, "
            + $"{loss.Lost.Count(one => one.RecordedAgain)} are recorded again"
            + (loss.IsComplete ? "" : "; maybe more"),
        TrailSealed seal => $"{seal.Events} events of {seal.Streams} streams sealed: {seal.Root}",
        OperatorActed act => Describe(act),
        _ => told.GetType().Name,
    };

    private static string Describe(OperatorActed act) =>
        $"{act.Verb} {List(act.Filter)}by {act.Operator}: {WireName.Of(act.Result)} {List(act.Counts)}".TrimEnd()
        + (act.Note is { } note ? $": {note}" : "");

    private static string List<T>(IReadOnlyDictionary<string, T> named) =>
        named.Count == 0 ? "" : $"({string.Join(", ", named.Select(one => $"{one.Key} {one.Value}"))}) ";

    private static string By(string? changedBy) => changedBy is null ? "" : $", by {changedBy}";

    private static string NameOf<T>(T reason) where T : struct, Enum =>
        JsonNamingPolicy.CamelCase.ConvertName(reason.ToString());
}
