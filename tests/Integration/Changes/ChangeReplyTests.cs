using System.Text;
using System.Text.Json.Nodes;
using MassTransit;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Tests.Integration.Bus;
using VoiceWorker.Tests.Integration.DeadLetters;
using Xunit;

namespace VoiceWorker.Tests.Integration.Changes;

/// <summary>Whoever asks is told what became of a change of voice, after its commit.</summary>
public sealed class ChangeReplyTests(WorkerFixture worker, TestServers servers) : IClassFixture<WorkerFixture>
{
    private const string Envelope = "application/vnd.masstransit+json";
    private const string Early = "2026-01-31T09:30:00.000000Z";
    private const string Late = "2026-01-31T09:30:02.000000Z";

    [Fact]
    public async Task A_change_that_is_made_is_answered_updated_when_it_is_recorded()
    {
        var businessId = worker.NextBusiness();

        var reply = await AskAsync(businessId, " Coral", "2026-01-31T10:30:00+01:00", "c-1");

        Assert.Equal(("VoiceChangeResult", "application/json"), (reply.Properties.Type, reply.Properties.ContentType));
        Assert.Equal("c-1", reply.Properties.CorrelationId);
        AssertIs($$"""
            {"businessId":{{businessId}},"voiceId":"coral","changedAt":"{{Early}}","outcome":"updated",
             "standingVoiceId":"coral"}
            """, reply);
        Assert.Equal("updated", await worker.Database.ScalarAsync<string>(
            $"SELECT outcome FROM voice.business_voice_change WHERE business_id = {businessId}"));
    }

    [Fact]
    public async Task A_change_of_an_unknown_business_is_answered_with_no_voice() => AssertIs(
        $$"""
        {"businessId":4711,"voiceId":"coral","changedAt":"{{Early}}","outcome":"rejected","reason":"unknownBusiness",
         "standingVoiceId":null}
        """, await AskAsync(4711, "coral", Early));

    [Fact]
    public async Task A_change_to_an_unsupported_voice_is_answered_with_the_voice_that_stays()
    {
        var businessId = await worker.NextBusinessAsync("Sage");

        AssertIs($$"""
            {"businessId":{{businessId}},"voiceId":"hal9000","changedAt":"{{Early}}","outcome":"rejected",
             "reason":"unsupportedVoice","standingVoiceId":"Sage"}
            """, await AskAsync(businessId, "HAL9000", Early));
    }

    [Fact]
    public async Task A_change_that_comes_after_a_later_one_is_answered_superseded_by_its_voice()
    {
        var businessId = worker.NextBusiness();
        await AskAsync(businessId, "verse", Late);

        AssertIs($$"""
            {"businessId":{{businessId}},"voiceId":"coral","changedAt":"{{Early}}","outcome":"rejected",
             "reason":"superseded","standingVoiceId":"verse"}
            """, await AskAsync(businessId, "coral", Early));
    }

    [Fact]
    public async Task A_repeat_gets_the_first_outcome_also_when_a_later_change_stands()
    {
        var businessId = worker.NextBusiness();

        var first = await AskAsync(businessId, "coral", Early);
        var again = await AskAsync(businessId, "CORAL", Early);
        await AskAsync(businessId, "verse", Late);
        var late = await AskAsync(businessId, "coral", Early);
        var rejected = await AskAsync(businessId, "echo", Early);
        var rejectedAgain = await AskAsync(businessId, "echo", Early);

        Assert.Equal(first.Body, again.Body);
        Assert.Equal(("updated", "verse"), (late.Field("outcome"), late.Field("standingVoiceId")));
        Assert.Equal("superseded", rejected.Field("reason"));
        Assert.Equal(rejected.Body, rejectedAgain.Body);
        Assert.Equal(3, (await worker.Audit.OfBusinessAsync(businessId, 3)).Count);
    }

    [Fact]
    public async Task Of_a_hundred_changes_at_once_each_gets_its_own_answer()
    {
        var businesses = Enumerable.Range(0, 10).Select(_ => worker.NextBusiness()).ToList();

        foreach (var n in Enumerable.Range(0, 100))
            await PublishAsync(Change(businesses[n % 10], "coral", $"2026-01-31T09:30:{n / 10:00}Z"), $"{n}");
        var replies = new List<Delivery>();
        while (replies.Count < 100)
            replies.Add(await worker.Broker.NextReplyAsync());

        Assert.All(replies, reply => Assert.Equal("coral", reply.Field("standingVoiceId")));
        Assert.Equal(
            Enumerable.Range(0, 100).Select(n => $"{n}: {businesses[n % 10]}, {n / 10:00}").Order(),
            replies.Select(reply => $"{reply.Properties.CorrelationId}: {reply.Field("businessId")}, "
                + reply.Field("changedAt")[17..19]).Order());
    }

    [Fact]
    public async Task A_MassTransit_request_gets_its_result_and_a_broken_one_its_fault()
    {
        var businessId = await worker.NextBusinessAsync("sage");
        await using var bus = await MassTransitClient.StartAsync(servers.AmqpUri);

        var result = await bus.AskAsync(new BusinessVoiceChanged(businessId, "robot", DateTimeOffset.UnixEpoch));
        var broken = await Assert.ThrowsAsync<RequestFaultException>(
            () => bus.AskAsync(new BusinessVoiceChanged(0, "robot", DateTimeOffset.UnixEpoch)));

        Assert.Equal(
            new VoiceChangeResult(
                businessId, "robot", DateTimeOffset.UnixEpoch, ChangeOutcome.Rejected, ChangeRejection.UnsupportedVoice,
                "sage"),
            result);
        Assert.StartsWith("businessId: ", broken.Fault!.Exceptions[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_goes_to_a_named_queue_and_expires_with_the_callers_patience()
    {
        var queue = (await worker.Broker.AmqpChannel.QueueDeclareAsync(cancellationToken: Token)).QueueName;

        await worker.Broker.PublishAsync(
            Exchanges.BusinessVoiceChanged, Encoding.UTF8.GetBytes(Change(worker.NextBusiness(), "coral", Early)),
            new BasicProperties { ReplyTo = queue, Expiration = "60000" });
        var reply = await worker.Broker.NextOfAsync(queue);

        Assert.Equal("updated", reply.Field("outcome"));
        Assert.InRange(int.Parse(reply.Properties.Expiration!, null), 1, 60_000);
    }

    [Theory]
    [InlineData("nobody-there", null)]
    [InlineData("voice-worker.business-voice-changed", null)]
    [InlineData(BrokerClient.DirectReply + ".AAAA.AAAA", null)]
    [InlineData(null, "rabbitmq://elsewhere/nobody-there")]
    [InlineData(null, "not an address")]
    public async Task A_reply_address_that_leads_nowhere_harms_nobody(string? replyTo, string? responseAddress)
    {
        var businessId = worker.NextBusiness();
        var change = Change(businessId, "coral", Early);

        await worker.Broker.PublishAsync(
            Exchanges.BusinessVoiceChanged,
            Encoding.UTF8.GetBytes(responseAddress is null
                ? change : $$"""{"responseAddress":"{{responseAddress}}","message":{{change}}}"""),
            new BasicProperties { ReplyTo = replyTo, ContentType = responseAddress is null ? null : Envelope });
        var neighbour = await AskAsync(worker.NextBusiness(), "sage", Early);

        Assert.Equal("updated", neighbour.Field("outcome"));
        Assert.Equal("coral", (await worker.Audit.OfBusinessAsync(businessId, 1))[0].Field("voiceId"));
        foreach (var queue in new[] { "voice-worker.business-voice-changed", "voice-worker.call-started" })
            Assert.Equal(1u, await worker.Broker.AmqpChannel.ConsumerCountAsync(queue, Token));
    }

    [Fact]
    public async Task A_change_that_nobody_asks_about_or_waits_for_is_made_without_a_reply()
    {
        var businessId = worker.NextBusiness();
        var expired = $$"""
            {"expirationTime":"2000-01-01T00:00:00Z","message":{{Change(businessId, "coral", Early)}}}
            """;

        await worker.Broker.PublishAsync(Exchanges.BusinessVoiceChanged, Change(businessId, "alloy", Late));
        await PublishAsync(expired, "expired", Envelope);
        await worker.Audit.OfBusinessAsync(businessId, 2);
        var next = await AskAsync(businessId, "echo", Late, "next");

        Assert.Equal("next", next.Properties.CorrelationId);
        await DeadLetterVerbs.AssertCountAsync(worker.Broker, "voice-worker.business-voice-changed", 0);
    }

    private async Task<Delivery> AskAsync(
        int businessId, string voiceId, string changedAt, string correlationId = "1")
    {
        await PublishAsync(Change(businessId, voiceId, changedAt), correlationId);
        return await worker.Broker.NextReplyAsync();
    }

    private Task PublishAsync(string body, string correlationId, string? contentType = null) =>
        worker.Broker.PublishAsync(Exchanges.BusinessVoiceChanged, Encoding.UTF8.GetBytes(body), new BasicProperties
        {
            ReplyTo = BrokerClient.DirectReply, CorrelationId = correlationId, ContentType = contentType,
        });

    private static string Change(int businessId, string voiceId, string changedAt) =>
        $$"""{"businessId":{{businessId}},"voiceId":"{{voiceId}}","changedAt":"{{changedAt}}","changedBy":"amy"}""";

    private static void AssertIs(string expected, Delivery reply) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), reply.Json), reply.Body);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
