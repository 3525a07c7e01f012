using System.Text;
using VoiceWorker.Bus;
using VoiceWorker.Contracts;

namespace VoiceWorker.Tests.Unit.Bus;

/// <summary>Whatever a producer sends, there are two outcomes: a message that passes its rules, or a refusal.</summary>
public sealed class MutatedMessagesTests
{
    private const int Rounds = 10_000;

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
            var body = Mutation.Of(Encoding.UTF8.GetBytes(valid), new Random(seed));
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
