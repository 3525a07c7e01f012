using System.Text.Json.Nodes;
using RabbitMQ.Client;
using VoiceWorker.Verbs.Shell;
using VoiceWorker.Verbs.Status;

namespace VoiceWorker.Tests.Unit.Verbs.Status;

public sealed class StatusScreenTests
{
    private const string Healthy = """
        {"at":"2026-01-31T12:00:00.0000000Z",
         "postgres":{"answers":true,"schema":{"voiceId":"","pending":[],"problems":[]},"lastMigration":null,
           "pausedQueues":[{"queue":"voice-worker.call-started","pausedAt":"2026-01-31T11:30:00.0000000Z","pausedBy":"anna@web-1",
                            "note":"a flood"},
                           {"queue":"voice-worker.business-voice-changed","pausedAt":"2026-01-31T11:31:00.0000000Z",
                            "pausedBy":"bob@web-2","note":null}],
           "workers":[{"host":"web-1","version":"0.1.0","role":"leader","ready":true,"callsPerSecond":52.1,"draining":true,
                       "drained":false,"inFlight":7,"repliesP50Ms":1.5,"repliesP99Ms":20.25,"fallbackShare":0.0125,
                       "startedAt":"2026-01-31T11:00:00.0000000Z"},
                      {"host":"web-2","version":"0.1.0","role":"standby","ready":false,"callsPerSecond":0,
                       "startedAt":"2026-01-31T11:59:00.0000000Z"}],
           "relay":{"held":"no queue is bound",
             "leader":{"pid":4711,"client":"10.0.0.7","sessionSince":"2026-01-31T11:00:00.0000000Z"},
             "unsequenced":2,"oldestUnsequencedSeconds":0.25,"unpublished":30,"oldestUnpublishedSeconds":1.5},
           "voices":{"businesses":{"ash":97,"":3},"callsOfLastDay":{}}},
         "rabbitMq":{"answers":true,
           "queues":[{"queue":"voice-worker.call-started","exists":true,"messages":12,"consumers":2},
                     {"queue":"voice-worker.business-voice-changed","exists":false,"messages":null,"consumers":null}],
           "deadLetters":[{"queue":"voice-worker.call-started_error","exists":true,"messages":5,"consumers":0}]},
         "callsPerSecond":52.1,"callSecondsLeft":61.5}
        """;

    private const string Down = """
        {"at":"2026-01-31T12:00:00.0000000Z","postgres":{"answers":false,"failure":"PostgreSQL at db:5432 does not answer"},
         "rabbitMq":{"answers":false,"failure":"RabbitMQ at mq:5672 does not answer"}}
        """;

    [Fact]
    public void Everything_is_on_one_screen() => Assert.Equal(
        [
            "at              2026-01-31T12:00:00.000Z",
            "postgres        answers",
            "schema          verifies",
            "pending         nothing",
            "PAUSED          voice-worker.call-started since 2026-01-31T11:30:00.000Z by anna@web-1: a flood",
            "                voice-worker.business-voice-changed since 2026-01-31T11:31:00.000Z by bob@web-2",
            "workers         web-1  0.1.0  leader  ready  DRAINING  52.1 calls/s  replies p50 1.5 ms, p99 20.25 ms, 1.3 % without the database"
                + "  7 in flight  since 2026-01-31T11:00:00.000Z",
            "                web-2  0.1.0  standby  NOT READY  0 calls/s  since 2026-01-31T11:59:00.000Z",
            "HELD            audit events are held: no queue is bound",
            "relay leader    pid 4711 from 10.0.0.7, session since 2026-01-31T11:00:00.000Z",
            "unsequenced     2 events, the oldest waits for 0.3s",
            "unpublished     30 events, the oldest waits for 1.5s",
            "voices          businesses: ash 97, none 3",
            "                calls in 24 h: none",
            "rabbitMq        answers",
            "queues          voice-worker.call-started                       12  2 consumers",
            "                voice-worker.business-voice-changed        missing",
            "dead letters    voice-worker.call-started_error                  5",
            "rate            52.1 calls/s, time left: 1m",
        ], StatusScreen.Lines(JsonNode.Parse(Healthy)!.AsObject(), int.MaxValue));

    [Fact]
    public void On_a_narrow_screen_lines_wrap_between_words_below_their_text()
    {
        var lines = StatusScreen.Lines(JsonNode.Parse(Healthy)!.AsObject(), 60).ToList();

        Assert.Contains("relay leader    pid 4711 from 10.0.0.7, session since", lines);
        Assert.Contains("                2026-01-31T11:00:00.000Z", lines);
        Assert.All(StatusScreen.Lines(JsonNode.Parse(Healthy)!.AsObject(), 80), line =>
            Assert.InRange(line.Length, 0, 80));
    }

    [Fact]
    public void One_line_has_what_changes() => Assert.Equal(
        "2026-01-31T12:00:00.000Z  postgres answers  rabbitMq answers  leader 4711  unsequenced 2 (0.3s)  unpublished 30 (1.5s)  "
        + "queued 12  dead letters 5", StatusScreen.Line(JsonNode.Parse(Healthy)!.AsObject()));

    [Fact]
    public void One_line_sums_up_counts_as_the_broker_s_client_gives_them()
    {
        var status = JsonNode.Parse(Healthy)!.AsObject();
        status["rabbitMq"]!["deadLetters"] = new JsonArray(
            BrokerStatus.Describe("one_error", new QueueDeclareOk("one_error", uint.MaxValue, 0)),
            BrokerStatus.Describe("two_error", new QueueDeclareOk("two_error", 1, 0)),
            BrokerStatus.Describe("three_error", found: null));

        Assert.EndsWith("dead letters 4294967296", StatusScreen.Line(status), StringComparison.Ordinal);
    }

    [Fact]
    public void Servers_that_are_down_are_lines_and_the_code_is_7()
    {
        var status = JsonNode.Parse(Down)!.AsObject();

        Assert.Equal(
            [
                "at              2026-01-31T12:00:00.000Z", "postgres        DOWN: PostgreSQL at db:5432 does not answer",
                "rabbitMq        DOWN: RabbitMQ at mq:5672 does not answer",
            ], StatusScreen.Lines(status, int.MaxValue));
        Assert.Contains("postgres DOWN  rabbitMq DOWN  relay ?", StatusScreen.Line(status), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Unreachable, StatusReader.CodeOf(status));
        Assert.Equal(ExitCode.Ok, StatusReader.CodeOf(JsonNode.Parse(Healthy)!.AsObject()));
    }
}
