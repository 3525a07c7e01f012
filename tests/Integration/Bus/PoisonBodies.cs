using System.IO.Compression;
using System.Text;
using RabbitMQ.Client;
using VoiceWorker.Contracts;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>Bodies that break the contracts, with the field that is to be named.</summary>
internal static class PoisonBodies
{
    private const string Envelope = "application/vnd.masstransit+json";
    private const string Instant = "\"2026-01-31T09:30:00Z\"";
    private const int Levels = 100_000;

    private static readonly string[] Inputs = [Exchanges.CallStarted, Exchanges.BusinessVoiceChanged];
    private static readonly string[] Encodings = ["application/json", Envelope];
    private static readonly string[] Missing = ["\"none\":1"];
    private static readonly string[] NoMessage = ["{}", """{"message":null}""", """{"messageId":"1","headers":{}}"""];

    private static readonly string[] WrongTypes = ["null", "true", "{}", "[]", "[[{}]]"];
    private static readonly string[] WrongIds = ["0", "-1", "2147483648", "-2147483649", "1.5", "1e400", "99999999999999999999", "\"7\""];

    private static readonly string[] WrongInstants =
    [
        "\"\"", "\"yesterday\"", "\"2026-01-31T09:30:00\"", "\"2026-02-30T09:30:00Z\"", "\"2026-01-31\"", "1769851800",
        "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999-14:00\"", "\"2026-01-31T09:30:00Z\\u0000\"",
    ];

    private static readonly string[] WrongTexts = ["\"\"", "\" \"", "7", "\"a\\u0000b\"", "\"a\\u202eb\"", "\"\\ud800\"", "\"\\u2028\""];

    private static readonly (string Field, string Valid, string[] Wrong)[] CallFields =
    [
        ("callId", "\"CA1\"", [.. WrongTypes, .. WrongTexts, "\" CA1\"", Text(65), Text(1_000_000), Text(16_000_000)]),
        ("businessId", "1", [.. WrongTypes, .. WrongIds]),
        ("startedAt", Instant, [.. WrongTypes, .. WrongInstants]),
    ];

    private static readonly (string Field, string Valid, string[] Wrong)[] ChangeFields =
    [
        ("businessId", "1", [.. WrongTypes, .. WrongIds]),
        ("voiceId", "\"coral\"", [.. WrongTypes, .. WrongTexts, Text(33), Text(1_000_000)]),
        ("changedAt", Instant, [.. WrongTypes, .. WrongInstants]),
        ("changedBy", "\"me\"", ["true", "{}", "[]", "7", "\"\\u0000\"", "\"\\udc00\\ud800\"", Text(129), Text(1_000_000)]),
    ];

    /// <summary>Each field broken in each way, missing and given twice; as plain JSON and in an envelope.</summary>
    public static IEnumerable<Poison> OfFields() =>
        [.. OfFields(Exchanges.CallStarted, CallFields), .. OfFields(Exchanges.BusinessVoiceChanged, ChangeFields)];

    /// <summary>What is no JSON of a contract at all.</summary>
    public static IEnumerable<Poison> Undecodable() =>
        from exchange in Inputs
        from body in UndecodableBodies()
        from contentType in Encodings
        select new Poison($"{exchange}: {body.Name} as {contentType}", exchange, body.Bytes, "body: ", Of(contentType));

    /// <summary>Envelopes around nothing.</summary>
    public static IEnumerable<Poison> EmptyEnvelopes() =>
        from exchange in Inputs
        from body in NoMessage
        select new Poison($"{exchange}: {body}", exchange, Encoding.UTF8.GetBytes(body), "message: ", Of(Envelope));

    /// <summary>A body that breaks a rule of CallStarted.</summary>
    public static byte[] BrokenCall { get; } = Encoding.UTF8.GetBytes($$"""{"callId":"CA1","businessId":0,"startedAt":{{Instant}}}""");

    private static IEnumerable<Poison> OfFields(string exchange, (string Field, string Valid, string[] Wrong)[] fields) =>
        from field in fields
        from wrong in field.Wrong.Select(value => $"\"{field.Field}\":{value}")
            .Append($"\"{field.Field}\":{field.Valid},\"{field.Field}\":{field.Wrong[1]}")
            .Concat(field.Field == "changedBy" ? [] : Missing)
        let others = fields.Where(other => other != field).Select(other => $"\"{other.Field}\":{other.Valid}")
        let json = $"{{{string.Join(',', others.Prepend(wrong))}}}"
        from contentType in Encodings
        let body = contentType == Envelope ? $$"""{"messageId":"1","message":{{json}}}""" : json
        select new Poison(
            $"{exchange}: {field.Field}: {Short(wrong)} as {contentType}", exchange, Encoding.UTF8.GetBytes(body), $"{field.Field}: ", Of(contentType));

    private static (string Name, byte[] Bytes)[] UndecodableBodies()
    {
        var valid = Encoding.UTF8.GetBytes($$"""{"callId":"CA1","businessId":1,"startedAt":{{Instant}},"voiceId":"coral","changedAt":{{Instant}}}""");
        return
        [
            ("nothing", []),
            ("one NUL", [0]),
            ("NULs", new byte[1_000_000]),
            ("noise", Noise(1_000)),
            ("1 MB of noise", Noise(1_000_000)),
            ("16 MB of noise", Noise(16_000_000)),
            ("half a message", valid[..(valid.Length / 2)]),
            ("two messages", [.. valid, .. valid]),
            ("gzip", Zipped(valid)),
            ("UTF-16", Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(valid))),
            ("NUL between tokens", [.. "{\0"u8, .. valid[1..]]),
            ("invalid UTF-8 in a name", [.. "{\"\xFF\":1,"u8[..2], 0xFF, .. "\":1,"u8, .. valid[1..], 0x80]),
            ("comment", [.. "/* */"u8, .. valid]),
            ("trailing comma", [.. valid[..^1], .. ",}"u8]),
            ("NaN", "{\"businessId\":NaN}"u8.ToArray()),
            ("null", "null"u8.ToArray()),
            ("array", "[]"u8.ToArray()),
            ("number", "42"u8.ToArray()),
            ("text", "\"text\""u8.ToArray()),
            ("deep arrays", Encoding.UTF8.GetBytes(new string('[', Levels) + new string(']', Levels))),
            ("deep unknown field", Encoding.UTF8.GetBytes($$"""{"x":{{new string('[', Levels)}}{{new string(']', Levels)}},""" + Encoding.UTF8.GetString(valid[1..]))),
            ("deep objects", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"message\":", Levels)) + "1" + new string('}', Levels))),
        ];
    }

    private static byte[] Noise(int length)
    {
        var noise = new byte[length];
        new Random(length).NextBytes(noise);
        return noise;
    }

    private static byte[] Zipped(byte[] body)
    {
        using var zipped = new MemoryStream();
        using (var zip = new GZipStream(zipped, CompressionLevel.Fastest))
            zip.Write(body);
        return zipped.ToArray();
    }

    private static BasicProperties Of(string contentType) => new() { ContentType = contentType, Persistent = true };

    private static string Text(int length) => $"\"{new string('x', length)}\"";

    private static string Short(string text) => text.Length > 60 ? $"{text[..60]}… ({text.Length})" : text;
}
