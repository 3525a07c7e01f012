using System.Text.Json.Nodes;
using VoiceWorker.Servers;

namespace VoiceWorker.Tests.Unit.Servers;

/// <summary>What policies do to a queue that has arguments of its own.</summary>
public sealed class BrokerPoliciesTests
{
    [Theory]
    [InlineData("""{"message-ttl":1000}""", "message-ttl=1000")]
    [InlineData("""{"expires":60000}""", "expires=60000")]
    [InlineData("""{"max-length":2,"max-length-bytes":3}""", "max-length=2 max-length-bytes=3")]
    [InlineData("""{"delivery-limit":99}""", "delivery-limit=99")]
    [InlineData("""{"delivery-limit":100}""", "")]
    [InlineData("""{"delivery-limit":-1}""", "")]
    [InlineData("""{"message-ttl":"soon"}""", "")]
    [InlineData("""{"overflow":"drop-head","dead-letter-exchange":"x"}""", "")]
    [InlineData("{}", "")]
    public void Only_what_is_stricter_than_the_queue_itself_counts(string definition, string expected) =>
        Assert.Equal(expected, Effects(
            $$"""[{"name":"tight","pattern":"call","apply-to":"all","definition":{{definition}} }]"""));

    [Theory]
    [InlineData(@"^voice-worker\\.", "queues", true)]
    [InlineData("started$", "quorum_queues", true)]
    [InlineData(".*", "all", true)]
    [InlineData(".*", "exchanges", false)]
    [InlineData(".*", "classic_queues", false)]
    [InlineData(".*", "streams", false)]
    [InlineData("_dead$", "all", false)]
    [InlineData("(?|a|b)(", "all", true)]
    public void A_policy_applies_by_its_pattern_and_kind(string pattern, string applyTo, bool applies) =>
        Assert.Equal(applies ? "message-ttl=1" : "",
            Effects($$"""
                [{"name":"p","pattern":"{{pattern}}","apply-to":"{{applyTo}}","definition":{"message-ttl":1} }]
                """));

    [Fact]
    public void Of_several_the_one_with_the_highest_priority_applies() =>
        Assert.Equal("expires=3", Effects("""
            [{"name":"low","pattern":"","apply-to":"all","definition":{"message-ttl":1},"priority":1},
             {"name":"high","pattern":"","apply-to":"all","definition":{"expires":3},"priority":7},
             {"name":"none","pattern":"","apply-to":"all","definition":{"max-length":1}}]
            """));

    private static string Effects(string policies) => string.Join(' ', BrokerPolicies
        .Effects(InputQueue.CallStarted.Name, InputQueue.CallStarted.Arguments(100),
            JsonNode.Parse(policies)!.AsArray())
        .Select(effect => $"{effect.Key}={effect.Limit}"));
}
