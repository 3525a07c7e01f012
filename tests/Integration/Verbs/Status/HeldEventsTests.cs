using System.Text.Json.Nodes;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Status;

/// <summary><c>status</c> where no queue takes audit events.</summary>
public sealed class HeldEventsTests(TestServers servers)
{
    [Fact]
    public async Task Why_events_are_held_is_told_whichever_worker_leads()
    {
        await using var unbound = await RunningWorker.StartUnboundAsync(servers, "--Observability:Interval=00:00:00.5");
        await unbound.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-held", 7));

        JsonNode? held = null;
        var told = await Polling.UntilAsync(async _ =>
        {
            var (_, status) = await VerbUnderTest.ReadAsync(servers, unbound.Database, "status");
            return (held = status["postgres"]!["relay"]!["held"]) is not null;
        },
            Waits.Longest, TestContext.Current.CancellationToken);

        Assert.True(told);
        Assert.Contains("no queue", (string)held!, StringComparison.Ordinal);
    }
}
