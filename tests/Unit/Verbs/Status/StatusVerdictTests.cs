using System.Text.Json.Nodes;
using VoiceWorker.Verbs.Status;

namespace VoiceWorker.Tests.Unit.Verbs.Status;

/// <summary>Whether callers get their voices, in words.</summary>
public sealed class StatusVerdictTests
{
    [Fact]
    public void When_nothing_is_the_matter_callers_get_their_voices()
    {
        var verdict = Assert.Single(StatusVerdict.Of(Healthy()));

        Assert.Equal((VerdictLevel.Good, "Callers get their voices: 1 worker is ready.", null), (verdict.Level, verdict.Text, verdict.Remedy));
    }

    [Theory]
    [InlineData("postgres", VerdictLevel.Bad, "PostgreSQL cannot be used")]
    [InlineData("rabbitMq", VerdictLevel.Bad, "RabbitMQ cannot be used")]
    public void A_server_that_is_away_is_named_with_its_reason(string server, object level, string words)
    {
        var status = Healthy();
        status[server] = new JsonObject { ["answers"] = false, ["failure"] = "no route to host" };

        var verdict = StatusVerdict.Of(status)[0];

        Assert.Equal(level, verdict.Level);
        Assert.StartsWith(words, verdict.Text, StringComparison.Ordinal);
        Assert.Contains("no route to host", verdict.Remedy, StringComparison.Ordinal);
    }

    public static TheoryData<string, Action<JsonObject>> Failures() => new()
    {
        { "No worker runs", status => status["postgres"]!["workers"] = new JsonArray() },
        { "No worker is ready", status => status["postgres"]!["workers"]![0]!["ready"] = false },
        { "25 % of the latest calls", status => status["postgres"]!["workers"]![0]!["fallbackShare"] = 0.25 },
        { "call-started is paused since", status => status["postgres"]!["pausedQueues"] = Paused("call-started") },
        { "The queue voice-worker.call-started is missing", status => status["rabbitMq"]!["queues"]![0]!["exists"] = false },
        { "Calls wait: at the rate of now the last of them is answered in 40s", status => status["callSecondsLeft"] = 40.0 },
        { "The schema does not verify: leads.gender is missing", status =>
            status["postgres"]!["schema"]!["problems"] = new JsonArray("leads.gender is missing") },
    };

    public static TheoryData<string, Action<JsonObject>> Matters() => new()
    {
        { "3 % of the latest calls", status => status["postgres"]!["workers"]![0]!["fallbackShare"] = 0.03 },
        { "business-voice-changed is paused since", status => status["postgres"]!["pausedQueues"] = Paused("business-voice-changed") },
        { "The queue voice-worker.business-voice-changed is missing", status => status["rabbitMq"]!["queues"]!.AsArray().Add(
            new JsonObject { ["queue"] = "voice-worker.business-voice-changed", ["exists"] = false, ["messages"] = null }) },
        { "1 message could not be processed and is kept", status => status["rabbitMq"]!["deadLetters"]![0]!["messages"] = 1L },
        { "1,200 messages could not be processed and are kept", status => status["rabbitMq"]!["deadLetters"]![0]!["messages"] = 1200L },
        { "Audit events are held: no queue is bound", status => status["postgres"]!["relay"]!["held"] = "no queue is bound" },
        { "Audit events are late: the oldest waits for 2m", status => status["postgres"]!["relay"]!["oldestUnpublishedSeconds"] = 130.0 },
        { "A migration is left to do or runs: fill rows", status => status["postgres"]!["schema"]!["pending"] = new JsonArray("fill rows") },
        { "2 businesses have another stored voice", status => status["postgres"]!["changes"] = new JsonObject { ["outside"] = 2L } },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void What_keeps_callers_from_their_voices_comes_first_with_what_to_do(string words, Action<JsonObject> spoil)
    {
        var status = Healthy();
        spoil(status);

        AssertSays(StatusVerdict.Of(status)[0], VerdictLevel.Bad, words);
    }

    [Theory]
    [MemberData(nameof(Matters))]
    public void What_else_is_the_matter_comes_after_that_they_get_them(string words, Action<JsonObject> spoil)
    {
        var status = Healthy();
        spoil(status);

        var verdicts = StatusVerdict.Of(status);

        Assert.Equal((VerdictLevel.Good, 2), (verdicts[0].Level, verdicts.Count));
        AssertSays(verdicts[1], VerdictLevel.Warning, words);
    }

    [Fact]
    public void The_worst_comes_first()
    {
        var status = Healthy();
        status["rabbitMq"]!["deadLetters"]![0]!["messages"] = 3L;
        status["postgres"]!["workers"] = new JsonArray();

        Assert.Equal([VerdictLevel.Bad, VerdictLevel.Warning], StatusVerdict.Of(status).Select(verdict => verdict.Level));
    }

    private static void AssertSays(StatusVerdict verdict, VerdictLevel level, string words)
    {
        Assert.Equal(level, verdict.Level);
        Assert.Contains(words, verdict.Text, StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(verdict.Remedy));
    }

    private static JsonArray Paused(string queue) => [new JsonObject
    {
        ["queue"] = $"voice-worker.{queue}", ["pausedAt"] = "2026-01-31T09:30:00Z", ["pausedBy"] = "anna@host",
    }];

    private static JsonObject Healthy() => new()
    {
        ["callsPerSecond"] = 12.5,
        ["callSecondsLeft"] = 0.0,
        ["postgres"] = new JsonObject
        {
            ["answers"] = true,
            ["workers"] = new JsonArray(new JsonObject { ["host"] = "one", ["ready"] = true, ["fallbackShare"] = 0.0 }),
            ["relay"] = new JsonObject { ["oldestUnpublishedSeconds"] = 0.0, ["oldestUnsequencedSeconds"] = 0.0 },
            ["schema"] = new JsonObject { ["pending"] = new JsonArray(), ["problems"] = new JsonArray() },
        },
        ["rabbitMq"] = new JsonObject
        {
            ["answers"] = true,
            ["queues"] = new JsonArray(new JsonObject { ["queue"] = "voice-worker.call-started", ["exists"] = true, ["messages"] = 0L }),
            ["deadLetters"] = new JsonArray(new JsonObject { ["queue"] = "voice-worker.call-started_error", ["exists"] = true, ["messages"] = 0L }),
        },
    };
}
