using System.Globalization;
using System.Text.Json.Nodes;
using VoiceWorker.Calls;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Businesses;
using VoiceWorker.Persistence.Calls;
using VoiceWorker.Verbs.Shell;
using VoiceWorker.Voices;

namespace VoiceWorker.Verbs.Voice;

/// <summary><c>voice list</c>: what businesses have stored, and what their calls get for it.</summary>
internal static class VoiceListVerb
{
    /// <param name="business">This one alone; null for all.</param>
    /// <param name="voice">With this stored voice; null for any.</param>
    /// <param name="byDefault">Only those whose calls get the default voice.</param>
    /// <param name="limit">At most so many; 0 means all.</param>
    public static Task<int> RunAsync(
        string[] settings, int? business, string? voice, bool byDefault, int limit, bool json) =>
        Tools.WithSchemaAsync(settings, async services =>
        {
            var catalogue = services.GetRequiredService<VoiceCatalogue>();
            var which = new BusinessFilter(
                business, voice is null ? null : [VoiceCatalogue.Normalize(voice)],
                byDefault ? [.. catalogue.Voices.Select(VoiceCatalogue.Normalize)] : null);
            await using var connection = await services.GetRequiredService<PostgresConnections>()
                .OpenAsync(CancellationToken.None);
            var (first, count) = await BusinessList.ReadAsync(
                connection, which, limit == 0 ? null : limit, CancellationToken.None);
            var outside = business is { } id
                ? await OutsideVoices.FindAsync(connection, id, CancellationToken.None) : null;
            Write(
                [.. first.Select(one => new ListedVoice(one.Id, one.VoiceId, catalogue) { Outside = outside })], json);
            await Terminal.TellOfRestAsync("first", first.Count, count);
            return ExitCode.Ok;
        });

    private static void Write(IReadOnlyList<ListedVoice> businesses, bool json)
    {
        if (json)
        {
            JsonScreen.Write(new JsonArray([.. businesses.Select(one => one.ToJson())]));
            return;
        }

        var table = new TextTable("BUSINESS", "STORED", "CALLS GET", "BECAUSE OF");
        foreach (var one in businesses)
            table.Add(one.Cells);
        table.Flush();
        foreach (var outside in businesses.Select(one => one.Outside).OfType<OutsideVoice>())
            Terminal.WriteWrapped(outside.Describe());
        if (businesses.Count == 0)
            Console.WriteLine("No business fits.");
    }
}

/// <summary>A business with its stored voice and what it means.</summary>
internal sealed class ListedVoice(int businessId, string? stored, VoiceCatalogue catalogue)
{
    private readonly VoiceDecision _calls = VoicePolicy.Resolve(new StoredVoice(true, stored), catalogue);

    /// <summary>What is recorded, where it is not what is stored; looked for when one business is asked for.</summary>
    public OutsideVoice? Outside { get; init; }

    public string[] Cells =>
    [
        businessId.ToString(CultureInfo.InvariantCulture), stored is null ? "none" : PeerText.Line(stored),
        _calls.VoiceId, WireName.Of(_calls.Reason),
    ];

    public JsonObject ToJson()
    {
        var fields = new JsonObject
        {
            ["businessId"] = businessId, ["storedVoiceId"] = stored, ["voiceId"] = _calls.VoiceId,
            ["source"] = WireName.Of(_calls.Source), ["reason"] = WireName.Of(_calls.Reason),
        };
        if (Outside is { } outside)
        {
            fields["outside"] = new JsonObject
            {
                ["recordedVoiceId"] = outside.RecordedVoiceId, ["changedAt"] = WireTime.Of(outside.ChangedAt),
                ["eventId"] = outside.EventId.ToString(),
            };
        }

        return fields;
    }
}
