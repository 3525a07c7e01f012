using System.Text;

namespace VoiceWorker.Tests.Fixtures;

/// <summary>A valid message, changed at random in a few places.</summary>
internal static class Mutation
{
    private static readonly string[] Fragments =
    [
        "null", "true", "0", "-1", "2147483648", "1e400", "1.5", "\"\"", "{}", "[]", "{", "}", "[", "]", "\"", "\\", ",", ":",
        "\\ud800", "\\udc00\\ud800", "\\u0000", "\\u002B", "\0", "\ufeff", "\u2028", "😀", "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.9999999-14:00", "2026-01-31T09:30+01:00", "\"message\":", "\"callId\":", "\"businessId\":",
    ];

    public static byte[] Of(byte[] valid, Random random)
    {
        var body = valid.ToList();
        for (var mutations = random.Next(1, 5); mutations > 0 && body.Count > 0; mutations--)
        {
            var at = random.Next(body.Count);
            var length = random.Next(Math.Min(12, body.Count - at)) + 1;
            switch (random.Next(6))
            {
                case 0: body[at] = (byte)random.Next(256); break;
                case 1: body[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: body.RemoveRange(at, length); break;
                case 3: body.InsertRange(random.Next(body.Count), body.GetRange(at, length)); break;
                case 4: body.InsertRange(at, Encoding.UTF8.GetBytes(Fragments[random.Next(Fragments.Length)])); break;
                default: ReplaceValue(body, at, Fragments[random.Next(Fragments.Length)]); break;
            }
        }

        return [.. body];
    }

    // From the next colon to the next comma: more often well-formed than a blind change.
    private static void ReplaceValue(List<byte> body, int at, string fragment)
    {
        var from = body.IndexOf((byte)':', at) + 1;
        var upTo = body.IndexOf((byte)',', from);
        if (from == 0 || upTo < 0)
            return;
        body.RemoveRange(from, upTo - from);
        body.InsertRange(from, Encoding.UTF8.GetBytes(fragment));
    }
}
