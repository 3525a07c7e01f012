using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.Integration.DeadLetters;

/// <summary>What failed can be looked at, brought back and thrown away, beside a worker that runs.</summary>
public sealed class DeadLetterTests(WorkerFixture worker, TestServers servers) : IClassFixture<WorkerFixture>
{
    private const string ErrorQueue = "voice-worker.call-started_error";
    private const string DeadQueue = "voice-worker.call-started_dead";
    private const string Poison = """{"callId":"CA-poison","businessId":"none","startedAt":"2026-01-31T09:30:00Z"}""";

    [Fact]
    public async Task A_poison_message_is_listed_shown_replayed_and_discarded()
    {
        await worker.Broker.PublishAsync(Exchanges.CallStarted, Encoding.UTF8.GetBytes(Poison), new BasicProperties
        {
            MessageId = "m-17", Headers = new Dictionary<string, object?> { ["tenant"] = "north" },
        });
        await DeadLetterVerbs.AssertCountAsync(worker.Broker, ErrorQueue, 1);

        var list = await DeadLetterVerbs.RunAsync(servers, "list", "--json");
        var letter = JsonNode.Parse(list.Output)![0]!;
        Assert.Equal((ErrorQueue, "CA-poison", "none"), ((string?)letter["queue"], (string?)letter["callId"], (string?)letter["businessId"]));
        Assert.StartsWith("businessId: ", (string?)letter["reason"], StringComparison.Ordinal);
        var id = (string)letter["id"]!;

        var show = await DeadLetterVerbs.RunAsync(servers, "show", "--id", id);
        Assert.Equal(0, show.Code);
        Assert.All([Poison, "message_id: m-17", "header tenant: north", "header MT-Reason: fault", "> businessId: \"none\"  <- required: an integer", "  callId: \"CA-poison\""], part =>
            Assert.Contains(part, show.Output, StringComparison.Ordinal));

        var replay = await DeadLetterVerbs.RunAsync(servers, "replay", "--id", id[..6]);
        Assert.Equal(8, replay.Code);
        Assert.Contains("sent 1, came back 1", replay.Output, StringComparison.Ordinal);
        await DeadLetterVerbs.AssertCountAsync(worker.Broker, ErrorQueue, 1);
        var again = await DeadLetterVerbs.RunAsync(servers, "discard", "--id", id);
        Assert.Equal(2, again.Code);
        Assert.Contains($"There is no dead letter '{id}'", again.Output, StringComparison.Ordinal);

        var asked = await DeadLetterVerbs.RunAsync(servers, "discard", "--all");
        Assert.Equal(2, asked.Code);
        Assert.Contains("needs --yes", asked.Output, StringComparison.Ordinal);
        Assert.Contains("1 discarded", (await DeadLetterVerbs.RunAsync(servers, "discard", "--all", "--yes")).Output, StringComparison.Ordinal);
        Assert.Contains("0 dead letters", (await DeadLetterVerbs.RunAsync(servers, "list")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dead_letter_is_replayed_into_the_queue_that_it_failed_in_and_processed()
    {
        var businessId = await worker.NextBusinessAsync("coral");
        await DeadLetterVerbs.PutAsync(
            worker.Broker, DeadQueue, Encoding.UTF8.GetBytes(Wire.Call("CA-dead", businessId)));

        var list = await DeadLetterVerbs.RunAsync(servers, "list");
        var replay = await DeadLetterVerbs.RunAsync(servers, "replay", "--all");

        Assert.Contains("delivered too often", list.Output, StringComparison.Ordinal);
        Assert.True(replay.Code == 0, replay.Output);
        Assert.Contains("sent 1, came back 0", replay.Output, StringComparison.Ordinal);
        Assert.Equal("coral", (await worker.Audit.OfBusinessAsync(businessId, 1))[0].Field("voiceId"));
        await DeadLetterVerbs.AssertCountAsync(worker.Broker, DeadQueue, 0);
    }

    [FullRun]
    [Fact]
    public async Task Looking_a_hundred_and_twenty_times_moves_nothing()
    {
        await using var connection = await new ConnectionFactory { Uri = servers.AmqpUri }
            .CreateConnectionAsync(TestContext.Current.CancellationToken);
        await worker.Broker.PublishAsync(Exchanges.CallStarted, "first of two");
        await worker.Broker.PublishAsync(Exchanges.CallStarted, "second of two");
        await DeadLetterVerbs.AssertCountAsync(worker.Broker, ErrorQueue, 2);

        var first = await DeadLetterVerbs.IdsAsync(connection);
        for (var look = 0; look < 120; look++)
        {
            await DeadLetterVerbs.AssertCountAsync(worker.Broker, ErrorQueue, 2);
            Assert.Equal(first.Order(), (await DeadLetterVerbs.IdsAsync(connection)).Order());
        }

        await DeadLetterVerbs.AssertCountAsync(worker.Broker, ErrorQueue, 2);
        Assert.Equal(0, (await DeadLetterVerbs.RunAsync(servers, "discard", "--all", "--yes")).Code);
    }
}
