using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceWorker.Contracts;

namespace VoiceWorker.Tests.Fixtures;

/// <summary>The hashes of audit events, computed as docs/messages.md says and by nothing that the worker uses.</summary>
public static class HashChain
{
    private static readonly string[] NotHashed = ["eventId", "stream", "sequence", "hash"];

    private const string RenewSql = """
        UPDATE voice_audit.mt_events AS event
        SET headers = coalesce(event.headers, '{}') || jsonb_build_object('hash', linked.hash)
        FROM (SELECT e.seq_id, encode(voice.chain(head.hash, concat_ws(E'\n', e.id, e.stream_id, e.version,
                         replace(initcap(replace(e.type, '_', ' ')), ' ', ''), e.data ->> 'occurredAt', e.data))
                         OVER (PARTITION BY e.stream_id ORDER BY e.version ROWS UNBOUNDED PRECEDING), 'hex') AS hash
              FROM voice_audit.mt_events AS e LEFT JOIN voice.removed_head AS head ON head.stream = e.stream_id) AS linked
        WHERE linked.seq_id = event.seq_id
        """;

    /// <summary>The hash that a message must have.</summary>
    /// <param name="before">Of the event before in its stream; null when there is none.</param>
    /// <param name="message">As it was published.</param>
    /// <param name="type">Its AMQP type.</param>
    public static string Of(string? before, JsonObject message, string type)
    {
        var own = message.Where(field => !NotHashed.Contains(field.Key))
            .ToDictionary(field => field.Key, field => field.Value, StringComparer.Ordinal);
        string[] texts =
        [
            $"{message["eventId"]}", $"{message["stream"]}", $"{message["sequence"]}", type, $"{message["occurredAt"]}",
            Object(own),
        ];
        byte[] bytes =
            [.. Convert.FromHexString(before ?? new string('0', 64)), .. Encoding.UTF8.GetBytes(string.Join('\n', texts))];
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    /// <summary>Events that have no hash, or another one than they must have.</summary>
    /// <param name="arrived">Repeats and gaps are no matter.</param>
    public static IEnumerable<string> FindBroken(IEnumerable<Delivery> arrived)
    {
        foreach (var stream in arrived.GroupBy(one => one.Field("stream"), StringComparer.Ordinal))
        {
            var (last, hash) = (0L, (string?)null);
            foreach (var one in stream.DistinctBy(Sequence).OrderBy(Sequence))
            {
                var isNext = Sequence(one) == last + 1 && one.Properties.Type != nameof(HistoryLost);
                if (one.Field("hash").Length == 0 || (isNext && one.Field("hash") != Of(hash, one.Json, one.Properties.Type!)))
                    yield return $"{stream.Key}#{Sequence(one)}";
                (last, hash) = (Sequence(one), one.Field("hash"));
            }
        }
    }

    /// <summary>Gives every event of the store the hash that it has to have: for a test that alters events and means no
    /// forgery, or a good one.</summary>
    public static Task RenewHashesAsync(this LegacyDatabase database) => database.ExecuteAsync(RenewSql);

    private static long Sequence(Delivery delivery) => (long)delivery.Json["sequence"]!;

    private static string Canonical(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject fields => Object(fields.ToDictionary(field => field.Key, field => field.Value, StringComparer.Ordinal)),
        JsonArray items => $"[{string.Join(", ", items.Select(Canonical))}]",
        _ => node.GetValueKind() is JsonValueKind.String ? Text(node.GetValue<string>()) : node.ToJsonString(),
    };

    private static string Object(Dictionary<string, JsonNode?> fields)
    {
        var names = fields.Keys.ToArray();
        Array.Sort(names, static (one, other) =>
        {
            byte[] first = Encoding.UTF8.GetBytes(one), second = Encoding.UTF8.GetBytes(other);
            return first.Length == second.Length
                ? first.AsSpan().SequenceCompareTo(second) : first.Length.CompareTo(second.Length);
        });
        return $"{{{string.Join(", ", names.Select(name => $"{Text(name)}: {Canonical(fields[name])}"))}}}";
    }

    private static string Text(string text)
    {
        var written = new StringBuilder("\"");
        foreach (var character in text)
        {
            written.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\t' => "\\t",
                '\n' => "\\n",
                '\f' => "\\f",
                '\r' => "\\r",
                < ' ' => $"\\u{(int)character:x4}",
                _ => character.ToString(),
            });
        }

        return written.Append('"').ToString();
    }
}
