using System.Text;
using VoiceWorker.Bus;
using VoiceWorker.Contracts;

namespace VoiceWorker.Tests.Unit.Bus;

/// <summary>Whatever a producer sends, there are two outcomes: a message that passes its rules, or a refusal.</summary>
public sealed class MutatedMessagesTests
{
    private const int Rounds = 10_000;

    private static readonly string[] Fragments =
    [
        "null", "true", "0", "-1", "2147483648", "1e400", "1.5", "\"\"", "{}", "[]", "{", "}", "[", "]", "\"", "\\", ",", ":",
        "\\ud800", "\\udc00\\ud800", "\\u0000", "\\u002B", "\0", "\ufeff", "\u2028", "😀", "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.9999999-14:00", "2026-01-31T09:30+01:00", "\"message\":", "\"callId\":", "\"businessId\":",
    ];

    [Fact]
    public void A_mutated_call_passes_its_rules_or_is_refused() =>
        Mutate(Messages.Call, body => AssertUsable(Messages.ReadCall(body)));

    [Fact]
    public void A_mutated_change_passes_its_rules_or_is_refused() =>
        Mutate(Messages.Change, body => AssertUsable(Messages.ReadChange(body)));

    [Fact]
    public void A_mutated_envelope_of_a_call_passes_its_rules_or_is_refused() =>
        Mutate(Messages.Enveloped(Messages.Call), body => AssertUsable(Messages.ReadEnvelopedCall(body)));

    [Fact]
    public void A_mutated_envelope_of_a_change_passes_its_rules_or_is_refused() =>
        Mutate(Messages.Enveloped(Messages.Change), body => AssertUsable(Messages.ReadEnvelopedChange(body)));

    private static void Mutate(string valid, Action<byte[]> read)
    {
        for (var seed = 0; seed < Rounds; seed++)
        {
            var body = Mutate(Encoding.UTF8.GetBytes(valid), new Random(seed));
            try
            {
                read(body);
            }
            catch (InvalidMessageException invalid)
            {
                Assert.NotEmpty(invalid.Broken);
            }
            catch (Exception failure)
            {
                Assert.Fail($"Seed {seed}, {Encoding.UTF8.GetString(body)}: {failure}");
            }
        }
    }

    private static byte[] Mutate(byte[] valid, Random random)
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

    private static void AssertUsable(CallStarted? call)
    {
        if (call is not null)
            AssertUsable(call.BusinessId, call.StartedAt, call.CallId);
    }

    private static void AssertUsable(BusinessVoiceChanged? change)
    {
        if (change is not null)
            AssertUsable(change.BusinessId, change.ChangedAt, change.VoiceId, change.ChangedBy ?? "");
    }

    // What PostgreSQL can store, said without the rules.
    private static void AssertUsable(int businessId, DateTimeOffset instant, params string[] texts)
    {
        Assert.True(businessId > 0);
        Assert.Equal(TimeSpan.Zero, instant.Offset);
        Assert.NotEqual(default, instant);
        Assert.Equal(0, instant.Ticks % TimeSpan.TicksPerMicrosecond);
        Assert.All(texts, text => Assert.Equal(text, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text))));
        Assert.All(texts, text => Assert.DoesNotContain('\0', text));
    }
}
