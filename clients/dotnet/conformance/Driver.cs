using System.Diagnostics;
using System.Text.Json.Nodes;
using VoiceWorker.Contracts;

namespace VoiceWorker.Client.Conformance;

/// <summary>Carries commands out and writes what came of them.</summary>
internal sealed class Driver(IVoiceClient client, Trails trails)
{
    /// <summary>One command, from its line to the line of its answer.</summary>
    public async Task DoAsync(string line)
    {
        var command = JsonNode.Parse(line)!.AsObject();
        var begin = Stopwatch.GetTimestamp();
        JsonObject answer;
        try
        {
            answer = await DoAsync(command);
        }
        catch (Exception error)
        {
            answer = Told(error);
        }

        if (!answer.ContainsKey("ms"))
            answer["ms"] = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        answer["id"] = command["id"]?.DeepClone();
        Output.Write(answer);
    }

    private async Task<JsonObject> DoAsync(JsonObject command) => $"{command["do"]}" switch
    {
        "voiceFor" => await VoiceForAsync(new Fields(command)),
        "changeVoice" => await ChangeVoiceAsync(new Fields(command)),
        "counts" => Counts(),
        "consume" => await trails.ConsumeAsync(new Fields(command)),
        "gaps" => await trails.GapsAsync(new Fields(command)),
        var unknown => throw new NotSupportedException($"no such command: {unknown}"),
    };

    private async Task<JsonObject> VoiceForAsync(Fields fields)
    {
        var begin = Stopwatch.GetTimestamp();
        var voice = await client.VoiceForAsync(
            fields.Integer("businessId"), fields.Text("callId")!, fields.Seconds("timeout"), fields.Text("default"));
        return new JsonObject
        {
            ["ms"] = Stopwatch.GetElapsedTime(begin).TotalMilliseconds, ["voiceId"] = voice.VoiceId,
            ["source"] = voice.Source == VoiceSource.Business ? "business" : "default", ["reason"] = voice.Reason,
        };
    }

    private async Task<JsonObject> ChangeVoiceAsync(Fields fields)
    {
        var begin = Stopwatch.GetTimestamp();
        var change = await client.ChangeVoiceAsync(
            fields.Integer("businessId"), fields.Text("voiceId")!, fields.Text("changedBy"), fields.Seconds("timeout"),
            fields.Instant("changedAt"));
        return new JsonObject
        {
            ["ms"] = Stopwatch.GetElapsedTime(begin).TotalMilliseconds,
            ["outcome"] = change.Outcome.ToString().ToLowerInvariant(), ["reason"] = change.Reason,
            ["standingVoiceId"] = change.StandingVoiceId, ["voiceId"] = change.VoiceId,
            ["changedAt"] = Output.Text(change.ChangedAt),
        };
    }

    private JsonObject Counts()
    {
        var counts = client.Counts;
        return new JsonObject
        {
            ["answered"] = counts.Answered, ["defaulted"] = counts.Defaulted, ["late"] = counts.Late,
        };
    }

    private static JsonObject Told(Exception error) => error switch
    {
        ContractException broken => new JsonObject
        {
            ["error"] = "contract",
            ["kind"] = broken.Error == RefusalError.NotRecorded ? "notRecorded" : "invalidMessage",
            ["broken"] = new JsonArray(
                [.. broken.Broken.Select(one => new JsonObject { ["field"] = one.Field, ["rule"] = one.Rule })]),
        },
        NotConfirmedException unsure => new JsonObject
        {
            ["error"] = "notConfirmed", ["changedAt"] = Output.Text(unsure.ChangedAt),
        },
        _ => new JsonObject { ["error"] = "other", ["text"] = error.ToString() },
    };
}
