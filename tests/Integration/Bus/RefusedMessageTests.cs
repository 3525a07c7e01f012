using System.Diagnostics;
using System.Text;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>Whoever waits at reply_to is told at once what is wrong, and the message is kept as ever.</summary>
public sealed class RefusedMessageTests(WorkerFixture worker) : IClassFixture<WorkerFixture>
{
    private const string Envelope = "application/vnd.masstransit+json";
    private const string CallErrors = "voice-worker.call-started_error";
    private const string Secret = "S3CRET";

    [Theory]
    [InlineData("""{"callId":"CA-1","businessId":0,"startedAt":"2026-01-31T09:30:00Z"}""", "CA-1", "businessId")]
    [InlineData("""{"callId":"CA-1","businessId":7,"startedAt":"2026-01-31T09:30:00"}""", "CA-1", "startedAt")]
    [InlineData("""{"callId":" S3CRET","businessId":0}""", null, "callId", "businessId", "startedAt")]
    [InlineData("""{"callId":"CA-1","businessId":"S3CRET","startedAt":"S3CRET"}""", "CA-1", "businessId", "startedAt")]
    [InlineData("""{"callId":7,"businessId":[]}""", null, "callId", "businessId", "startedAt")]
    public async Task A_broken_call_is_answered_with_every_broken_field(
        string json, string? callId, params string[] fields)
    {
        var refused = await RefusedAsync(Exchanges.CallStarted, json);

        Assert.Equal("CallRefused", refused.Properties.Type);
        AssertBroken(refused, fields);
        Assert.Equal(callId, (string?)refused.Json["callId"]);
        Assert.Equal(callId is not null, refused.Json.ContainsKey("callId"));
    }

    [Theory]
    [InlineData("""{"businessId":42,"voiceId":"","changedAt":"2026-01-31T09:30:00Z"}""", 42, "voiceId")]
    [InlineData("""{"businessId":42,"voiceId":["S3CRET"],"changedBy":7}""", 42, "voiceId", "changedAt", "changedBy")]
    [InlineData("{}", null, "businessId", "voiceId", "changedAt")]
    [InlineData("S3CRET", null, "")]
    public async Task A_broken_change_is_answered_with_every_broken_field(
        string json, int? businessId, params string[] fields)
    {
        var refused = await RefusedAsync(Exchanges.BusinessVoiceChanged, json);

        Assert.Equal("ChangeRefused", refused.Properties.Type);
        AssertBroken(refused, fields);
        Assert.Equal(businessId, (int?)refused.Json["businessId"]);
    }

    [Theory]
    [InlineData("S3CRET", null, "")]
    [InlineData("", null, "")]
    [InlineData("[]", null, "")]
    [InlineData("""{"callId":"S3CRET",""", "application/json", "")]
    [InlineData("<call>S3CRET</call>", "application/xml", "")]
    [InlineData("""{"callId":"CA-1","businessId":1,"startedAt":"2026-01-31T09:30:00Z"}""", Envelope, "message")]
    [InlineData("""{"message":null}""", Envelope, "message")]
    [InlineData("S3CRET", Envelope, "")]
    [InlineData("""{"message":{"businessId":"S3CRET","callId":"CA-1"}}""", Envelope, "businessId", "startedAt")]
    public async Task What_cannot_be_read_is_answered_with_what_was_expected(
        string body, string? contentType, params string[] fields)
    {
        var refused = await RefusedAsync(Exchanges.CallStarted, body, contentType);

        AssertBroken(refused, fields);
        Assert.Equal(
            fields.Contains("startedAt") ? "CA-1" : null, (string?)refused.Json["callId"]);
    }

    [Fact]
    public async Task A_refusal_says_what_the_dead_letter_says()
    {
        var refused = await RefusedAsync(
            Exchanges.CallStarted, """{"callId":"CA-header","businessId":true,"startedAt":"2026-01-31T09:30:00Z"}""");
        Delivery? dead = null;
        await Polling.UntilAsync(
            async token => (dead = await FindAsync("CA-header", token)) is not null, Waits.Longest, Token);

        var broken = Assert.Single(refused.Json["broken"]!.AsArray())!;
        Assert.Equal($"{broken["field"]}: {broken["rule"]}", dead?.Header("MT-Fault-Message"));
    }

    [Fact]
    public async Task A_broken_call_is_answered_at_once_between_others()
    {
        var businessId = worker.NextBusiness();
        await RefusedAsync(Exchanges.CallStarted, "{}");

        for (var n = 0; n < 20; n++)
        {
            var began = Stopwatch.GetTimestamp();
            await PublishAsync(Exchanges.CallStarted, $$"""{"callId":"CA-{{n}}","businessId":0}""", $"bad {n}");
            await PublishAsync(Exchanges.CallStarted, Wire.Call($"CA-{businessId}-{n}", businessId), $"good {n}");
            Delivery[] replies = [await worker.Broker.NextReplyAsync(), await worker.Broker.NextReplyAsync()];

            Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, Waits.Prompt);
            Assert.Equal(
                [$"CallRefused bad {n}", $"CallVoice good {n}"],
                replies.Select(reply => $"{reply.Properties.Type} {reply.Properties.CorrelationId}").Order());
        }
    }

    [Fact]
    public async Task A_refusal_goes_to_a_named_queue_and_one_that_is_gone_harms_nobody()
    {
        var queue = (await worker.Broker.AmqpChannel.QueueDeclareAsync(cancellationToken: Token)).QueueName;

        foreach (var replyTo in new[] { "nobody-there", "voice-worker.call-started", new string('q', 255), queue })
        {
            await worker.Broker.PublishAsync(
                Exchanges.CallStarted, PoisonBodies.BrokenCall,
                new BasicProperties { ReplyTo = replyTo, CorrelationId = "7", Expiration = "60000" });
        }

        var refused = await worker.Broker.NextOfAsync(queue);
        Assert.Equal(("CallRefused", "7"), (refused.Properties.Type, refused.Properties.CorrelationId));
        Assert.InRange(int.Parse(refused.Properties.Expiration!, null), 1, 60_000);
        var businessId = worker.NextBusiness();
        var neighbour = await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call($"CA-{businessId}", businessId));
        Assert.Equal($"CA-{businessId}", neighbour.Field("callId"));
    }

    [Fact]
    public async Task A_caller_that_waits_no_more_is_not_told()
    {
        var expired = $$"""
            {"expirationTime":"2000-01-01T00:00:00Z","message":{{Encoding.UTF8.GetString(PoisonBodies.BrokenCall)}}}
            """;

        await PublishAsync(Exchanges.CallStarted, expired, "expired", Envelope);
        var next = await RefusedAsync(Exchanges.CallStarted, "{}");

        Assert.Equal("refused", next.Properties.CorrelationId);
    }

    [Theory]
    [InlineData("null", "message")]
    [InlineData("""{"callId":"CA-1","businessId":"S3CRET","startedAt":"2026-01-31T09:30:00Z"}""", "businessId")]
    public async Task The_response_address_of_an_envelope_without_a_message_gets_a_fault(string message, string field)
    {
        var queue = (await worker.Broker.AmqpChannel.QueueDeclareAsync(cancellationToken: Token)).QueueName;
        var envelope = $$$"""
            {"requestId":"019c1234-5678-7abc-8def-0123456789ab",
             "responseAddress":"rabbitmq://elsewhere/{{{queue}}}?temporary=true","message":{{{message}}}}
            """;

        await PublishAsync(Exchanges.CallStarted, envelope, "7", Envelope);
        var fault = await worker.Broker.NextOfAsync(queue);

        Assert.Equal("019c1234-5678-7abc-8def-0123456789ab", fault.Field("requestId"));
        var told = fault.Json["message"]!;
        Assert.StartsWith($"{field}: ", (string?)told["exceptions"]![0]!["message"], StringComparison.Ordinal);
        Assert.Null(told["message"]);
        Assert.DoesNotContain(Secret, fault.Body, StringComparison.Ordinal);
    }

    private async Task<Delivery?> FindAsync(string text, CancellationToken cancellationToken)
    {
        while (await worker.Broker.AmqpChannel.BasicGetAsync(CallErrors, autoAck: true, cancellationToken) is { } letter)
        {
            if (Encoding.UTF8.GetString(letter.Body.Span).Contains(text, StringComparison.Ordinal))
                return new Delivery(letter.Body.ToArray(), letter.BasicProperties);
        }

        return null;
    }

    private async Task<Delivery> RefusedAsync(string exchange, string body, string? contentType = null)
    {
        await PublishAsync(exchange, body, "refused", contentType);
        var refused = await worker.Broker.NextReplyAsync();
        Assert.Equal(
            ("refused", "application/json"), (refused.Properties.CorrelationId, refused.Properties.ContentType));
        Assert.Equal("invalidMessage", refused.Field("error"));
        Assert.DoesNotContain(Secret, refused.Body, StringComparison.Ordinal);
        return refused;
    }

    private Task PublishAsync(string exchange, string body, string correlationId, string? contentType = null) =>
        worker.Broker.PublishAsync(exchange, Encoding.UTF8.GetBytes(body), new BasicProperties
        {
            ReplyTo = BrokerClient.DirectReply, CorrelationId = correlationId, ContentType = contentType,
        });

    private static void AssertBroken(Delivery refused, string[] fields)
    {
        var broken = refused.Json["broken"]!.AsArray();
        Assert.Equal(fields, broken.Select(rule => (string?)rule!["field"]));
        Assert.All(broken, rule => Assert.NotEqual("", (string?)rule!["rule"]));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
