using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Examples;

/// <summary>What a kit cannot do it says, and at once.</summary>
public sealed class RefusalTests
{
    private static readonly Dictionary<string, string> Nowhere = new() { ["AMQP_URL"] = "amqp://guest:s3cr3t@127.0.0.1:1" };

    [Theory]
    [InlineData("BUSINESS_ID must be an integer from 1 to 2147483647, not 'two'", "call", "two")]
    [InlineData("BUSINESS_ID must be an integer from 1 to 2147483647, not '0'", "call", "0")]
    [InlineData("BUSINESS_ID must be an integer from 1 to 2147483647, not '2147483648'", "call", "2147483648")]
    [InlineData("BUSINESS_ID must be an integer from 1 to 2147483647, not '-7'", "voice", "-7", "coral")]
    [InlineData("TIMES must be an integer from 1 to 2147483647, not '0'", "call", "2", "0")]
    [InlineData("32 printable characters", "voice", "2", "a-voice-id-of-thirty-three-letters")]
    [InlineData("32 printable characters", "voice", "2", " ")]
    public async Task A_message_that_would_break_its_contract_is_not_sent(string reason, params string[] arguments)
    {
        foreach (var kit in await Kit.AllAsync())
        {
            await using var producer = ExampleProcess.Start([.. kit.Producer, .. arguments], Nowhere);

            Assert.Equal((2, kit.Name), (await producer.EndsAsync(), kit.Name));
            Assert.Contains(reason, Assert.Single(producer.Lines), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_a_broker_a_producer_ends_and_a_consumer_waits_and_both_say_so()
    {
        foreach (var kit in await Kit.AllAsync())
        {
            await using var producer = ExampleProcess.Start([.. kit.Producer, "call", "2"], Nowhere);
            Assert.Equal((1, kit.Name), (await producer.EndsAsync(), kit.Name));
            Assert.Matches("^RabbitMQ .*does not answer: .", Assert.Single(producer.Lines));

            var file = new Dictionary<string, string>(Nowhere) { ["AUDIT_FILE"] = Path.GetTempFileName() };
            await using var consumer = ExampleProcess.Start(kit.Consumer, file);
            Assert.True(await Polling.UntilAsync(
                _ => Task.FromResult(consumer.Lines.Count >= 2), Waits.Longest, TestContext.Current.CancellationToken));
            Assert.All(consumer.Lines, line => Assert.Matches("(refused|REFUSED|unreachable).*again in 1 s$", line));
            Assert.DoesNotContain("s3cr3t", string.Join('\n', [.. producer.Lines, .. consumer.Lines]), StringComparison.Ordinal);
        }
    }
}
