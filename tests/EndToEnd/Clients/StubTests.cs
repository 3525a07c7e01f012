using VoiceWorker.Contracts;
using VoiceWorker.Tests.EndToEnd.Examples;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients;

/// <summary><c>voice-worker stub</c>: what callers test against, without PostgreSQL.</summary>
public sealed class StubTests(TestServers servers)
{
    [Fact]
    public async Task Calls_get_the_voices_of_the_table_and_the_same_when_asked_again()
    {
        await using var stub = await StartAsync("42=sage", "43=", "44=no-such-voice");
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);

        Assert.Equal(("sage", "businessVoice"), await AskAsync(broker, "CA-1", 42));
        Assert.Equal(("ash", "noVoice"), await AskAsync(broker, "CA-2", 43));
        Assert.Equal(("ash", "unsupportedVoice"), await AskAsync(broker, "CA-3", 44));
        Assert.Equal(("ash", "unknownBusiness"), await AskAsync(broker, "CA-4", 45));
        await broker.AskAsync(Exchanges.BusinessVoiceChanged, Change(42, "coral", "2026-01-31T09:30:00Z"));
        Assert.Equal(("sage", "businessVoice"), await AskAsync(broker, "CA-1", 42));
        Assert.Equal(("coral", "businessVoice"), await AskAsync(broker, "CA-5", 42));
        Assert.Equal(0, await stub.TerminateAsync());
    }

    [Fact]
    public async Task Changes_are_made_to_the_table_and_the_latest_stands()
    {
        await using var stub = await StartAsync("*=marin");
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);

        var made = await broker.AskAsync(Exchanges.BusinessVoiceChanged, Change(7, "SAGE", "2026-01-31T09:30:00Z"));
        var superseded = await broker.AskAsync(Exchanges.BusinessVoiceChanged, Change(7, "coral", "2026-01-31T09:29:59Z"));
        var again = await broker.AskAsync(Exchanges.BusinessVoiceChanged, Change(7, "sage", "2026-01-31T09:30:00Z"));

        Assert.Equal(("updated", "sage"), (made.Field("outcome"), made.Field("standingVoiceId")));
        Assert.Equal(("rejected", "superseded", "sage"), (superseded.Field("outcome"), superseded.Field("reason"), superseded.Field("standingVoiceId")));
        Assert.Equal(made.Body, again.Body);
        Assert.Equal(("sage", "businessVoice"), await AskAsync(broker, "CA-1", 7));
        Assert.Equal(("marin", "businessVoice"), await AskAsync(broker, "CA-2", 8));
    }

    [Fact]
    public async Task A_message_that_breaks_its_contract_is_refused_as_the_worker_does()
    {
        await using var stub = await StartAsync();
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);

        var refused = await broker.AskAsync(Exchanges.CallStarted, """{"callId":"","businessId":0}""");

        Assert.Equal(nameof(CallRefused), refused.Properties.Type);
        Assert.Equal(["callId", "businessId", "startedAt"], refused.Json["broken"]!.AsArray().Select(one => (string)one!["field"]!));
    }

    [Fact]
    public async Task It_does_not_start_beside_a_worker()
    {
        await using var worker = await RunningWorker.StartUnboundAsync(servers, "--Audit:Unrouted=Skip");
        await using var stub = Start("42=sage");

        Assert.NotEqual(0, await stub.EndsAsync());
        Assert.Contains(stub.Lines, line => line.Contains("is consumed already, by a worker or another stub", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_says_that_it_waits_for_RabbitMQ_and_ends_with_0_meanwhile()
    {
        await using var stub = Stub.Start(new Uri("amqp://guest:guest@localhost:1/"));
        await stub.SaysAsync("RabbitMQ at localhost:1 does not answer");

        Assert.Equal(0, await stub.TerminateAsync());
    }

    [Theory]
    [InlineData("42", "'42' is no entry of the table, such as 42=sage")]
    [InlineData("0=sage", "'0' is no business")]
    [InlineData("42=123456789012345678901234567890123", "The voice of business 42 needs 1–32 printable characters")]
    public async Task An_entry_that_is_none_is_named_with_its_rule(string word, string expected)
    {
        await using var stub = Start(word);

        Assert.NotEqual(0, await stub.EndsAsync());
        Assert.Contains(stub.Lines, line => line.Contains(expected, StringComparison.Ordinal));
    }

    private Task<ExampleProcess> StartAsync(params string[] words) => Stub.StartAsync(servers.AmqpUri, words);

    private ExampleProcess Start(params string[] words) => Stub.Start(servers.AmqpUri, words);

    private static async Task<(string, string)> AskAsync(BrokerClient broker, string call, int business)
    {
        var answer = await broker.AskAsync(Exchanges.CallStarted, Wire.Call(call, business));
        return (answer.Field("voiceId"), answer.Field("reason"));
    }

    private static string Change(int business, string voice, string at) =>
        $$"""{"businessId":{{business}},"voiceId":"{{voice}}","changedAt":"{{at}}"}""";
}
