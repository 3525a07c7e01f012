using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.Tests.Unit.Contracts;

public sealed class ContractRulesTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 31, 9, 30, 0, TimeSpan.Zero);
    private static readonly CallStarted Call = new("CA1", 42, At);
    private static readonly BusinessVoiceChanged Change = new(42, "ash", At, "admin");

    [Theory]
    [InlineData("a", 1)]
    [InlineData("a", 64)]
    [InlineData("é", 64)]
    [InlineData("😀", 64)]
    public void A_call_id_may_have_1_to_64_code_points(string character, int count) =>
        Assert.Empty(ContractRules.Check(Call with { CallId = Repeat(character, count) }));

    [Theory]
    [InlineData("a", 0)]
    [InlineData("a", 65)]
    [InlineData("😀", 65)]
    public void A_call_id_may_not_have_none_or_65(string character, int count) =>
        AssertBroken("callId", Call with { CallId = Repeat(character, count) });

    [Theory]
    [InlineData("CA 1")]
    [InlineData("Größe-ß-漢字")]
    [InlineData("'; DROP TABLE business; --")]
    public void A_call_id_may_have_any_printable_character_inside(string callId) =>
        Assert.Empty(ContractRules.Check(Call with { CallId = callId }));

    [Theory]
    [InlineData(" CA1")]
    [InlineData("CA1 ")]
    [InlineData("CA1\n")]
    [InlineData("\u00a0CA1")]
    [InlineData("   ")]
    [InlineData("CA\u00001")]
    [InlineData("CA\u001f1")]
    [InlineData("CA\u007f1")]
    [InlineData("CA\u200b1")]
    [InlineData("CA\u202e1")]
    [InlineData("CA\u20281")]
    [InlineData("\ufeffCA1")]
    [InlineData(null)]
    public void A_call_id_may_not_be_blank_padded_or_hold_what_cannot_be_seen(string? callId) =>
        AssertBroken("callId", Call with { CallId = callId! });

    // Not InlineData: an attribute cannot carry half a character.
    [Fact]
    public void Half_a_surrogate_pair_cannot_be_stored_and_breaks_every_text_rule()
    {
        foreach (var half in new[] { "\ud83d", "\ude00", "a\ud83d", "\ude00\ud83d", "\ud83da" })
        {
            AssertBroken("callId", Call with { CallId = half });
            AssertBroken("voiceId", Change with { VoiceId = half });
            AssertBroken("changedBy", Change with { ChangedBy = half });
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    public void A_business_id_may_be_1_to_the_largest_integer(int businessId)
    {
        Assert.Empty(ContractRules.Check(Call with { BusinessId = businessId }));
        Assert.Empty(ContractRules.Check(Change with { BusinessId = businessId }));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void A_business_id_may_not_be_0_or_less(int businessId)
    {
        AssertBroken("businessId", Call with { BusinessId = businessId });
        AssertBroken("businessId", Change with { BusinessId = businessId });
    }

    [Theory]
    [InlineData("a", 32)]
    [InlineData("😀", 32)]
    public void A_voice_id_may_have_32_code_points_with_white_space_around(string character, int count)
    {
        Assert.Empty(ContractRules.Check(Change with { VoiceId = Repeat(character, count) }));
        Assert.Empty(ContractRules.Check(Change with { VoiceId = "  " + Repeat(character, count) + "\t" }));
    }

    [Fact]
    public void A_voice_id_may_not_be_missing_blank_too_long_or_unprintable()
    {
        foreach (var voiceId in new[] { null, "", "  ", Repeat("a", 33), Repeat("😀", 33), "a\0b", "a\nb" })
            AssertBroken("voiceId", Change with { VoiceId = voiceId! });
    }

    [Fact]
    public void Changed_by_may_be_missing_empty_or_have_128_code_points()
    {
        foreach (var changedBy in new[] { null, "", " ", Repeat("a", 128), Repeat("😀", 128) })
            Assert.Empty(ContractRules.Check(Change with { ChangedBy = changedBy }));
    }

    [Fact]
    public void Changed_by_may_not_have_129_code_points_or_a_control_character()
    {
        foreach (var changedBy in new[] { Repeat("a", 129), Repeat("😀", 129), "a\0", "a\r\nb" })
            AssertBroken("changedBy", Change with { ChangedBy = changedBy });
    }

    [Fact]
    public void A_missing_instant_is_named_with_its_rule()
    {
        AssertBroken("startedAt", Call with { StartedAt = default });
        AssertBroken("changedAt", Change with { ChangedAt = default });
    }

    [Fact]
    public void All_broken_rules_of_a_message_are_returned_at_once()
    {
        var call = ContractRules.Check(new CallStarted(null!, 0, default));
        var change = ContractRules.Check(new BusinessVoiceChanged(0, null!, default, "\0"));

        Assert.Equal(["callId", "businessId", "startedAt"], call.Select(broken => broken.Field));
        Assert.Equal(["businessId", "voiceId", "changedAt", "changedBy"], change.Select(broken => broken.Field));
    }

    [Fact]
    public void A_broken_rule_tells_the_length_and_never_the_value()
    {
        var secret = "S3CRET\0" + Repeat("x", 200);
        var broken = ContractRules.Check(Call with { CallId = secret })
            .Concat(ContractRules.Check(new BusinessVoiceChanged(42, secret, At, secret))).ToList();

        Assert.Equal(3, broken.Count);
        Assert.All(broken, rule => Assert.DoesNotContain("S3CRET", rule.ToString(), StringComparison.Ordinal));
        Assert.All(broken, rule => Assert.EndsWith("(was 207 characters)", rule.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void The_length_of_a_broken_value_is_counted_like_its_limit()
    {
        var broken = Assert.Single(ContractRules.Check(Call with { CallId = Repeat("😀", 65) }));

        Assert.Equal(65, broken.Length);
    }

    [Fact]
    public void Every_field_that_can_be_broken_has_a_rule_by_its_name()
    {
        var broken = ContractRules.Check(new CallStarted(null!, 0, default))
            .Concat(ContractRules.Check(new BusinessVoiceChanged(0, null!, default, "\0")));

        Assert.All(broken, rule => Assert.Equal(rule.Rule, ContractRules.RuleOf(rule.Field)));
        Assert.Null(ContractRules.RuleOf("unknown"));
    }

    private static void AssertBroken(string field, CallStarted call) =>
        Assert.Equal(field, Assert.Single(ContractRules.Check(call)).Field);

    private static void AssertBroken(string field, BusinessVoiceChanged change) =>
        Assert.Equal(field, Assert.Single(ContractRules.Check(change)).Field);

    private static string Repeat(string character, int count) => string.Concat(Enumerable.Repeat(character, count));
}
