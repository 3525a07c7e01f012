using System.Text.Json.Nodes;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Acts;

/// <summary><c>acts</c>: what operators did.</summary>
internal static class ActListVerb
{
    /// <param name="limit">At most so many; 0 means all.</param>
    public static Task<int> RunAsync(string[] settings, OperatorActionFilter which, int limit, bool json) =>
        Tools.WithSchemaAsync(settings, async services =>
        {
            await using var connection = await services.GetRequiredService<PostgresConnections>()
                .OpenAsync(CancellationToken.None);
            var (latest, count) = await OperatorActionList.ReadAsync(
                connection, which, before: null, limit == 0 ? null : limit, CancellationToken.None);
            Write([.. latest.Select(act => new ListedAct(act))], json);
            await Terminal.TellOfRestAsync("latest", latest.Count, count);
            return ExitCode.Ok;
        });

    private static void Write(IReadOnlyList<ListedAct> acts, bool json)
    {
        if (json)
        {
            JsonScreen.Write(new JsonArray([.. acts.Select(act => act.ToJson())]));
            return;
        }

        var table = new TextTable("TIME", "OPERATOR", "VERB", "FILTER", "COUNTS", "RESULT", "NOTE");
        foreach (var act in acts)
            table.Add(act.Cells);
        table.Flush();
        if (acts.Count == 0)
            Console.WriteLine("No act fits.");
    }
}

/// <summary>An act for people and for scripts.</summary>
internal sealed class ListedAct(OperatorAction act)
{
    /// <summary>What was asked for, as <c>key=value …</c>.</summary>
    public string Filter => Pairs(act.Filter);

    /// <summary>How many of what, in the same way.</summary>
    public string Counts => Pairs(act.Counts);

    public string[] Cells =>
    [
        Terminal.Instant(act.ActedAt), PeerText.Line(act.Operator), PeerText.Line(act.Verb), Filter, Counts,
        act.Result, PeerText.Line(act.Note ?? ""),
    ];

    /// <summary>With the keys of its event.</summary>
    public JsonObject ToJson() => new()
    {
        ["eventId"] = act.ActionId.ToString(), ["occurredAt"] = WireTime.Of(act.ActedAt), ["operator"] = act.Operator,
        ["verb"] = act.Verb, ["filter"] = JsonNode.Parse(act.Filter), ["counts"] = JsonNode.Parse(act.Counts),
        ["result"] = act.Result, ["note"] = act.Note,
    };

    private static string Pairs(string json) => PeerText.Line(string.Join(
        ' ', JsonNode.Parse(json)!.AsObject().Select(pair => $"{pair.Key}={pair.Value}")));
}
