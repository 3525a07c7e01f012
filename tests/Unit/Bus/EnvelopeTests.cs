using System.Text;
using MassTransit.Serialization;
using VoiceWorker.Bus;
using VoiceWorker.Contracts;

namespace VoiceWorker.Tests.Unit.Bus;

public sealed class EnvelopeTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 31, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public void A_message_is_read_out_of_its_envelope()
    {
        Assert.Equal(
            new CallStarted("CA1", 42, At),
            Messages.ReadEnvelopedCall(Encoding.UTF8.GetBytes(Messages.Enveloped(Messages.Call))));
        Assert.Equal(
            new BusinessVoiceChanged(42, "coral", At.AddHours(-1).AddMilliseconds(500), "admin"),
            Messages.ReadEnvelopedChange(Encoding.UTF8.GetBytes(Messages.Enveloped(Messages.Change))));
    }

    [Fact]
    public void A_wrong_field_inside_an_envelope_is_named_without_its_envelope()
    {
        var invalid = Assert.Throws<InvalidMessageException>(() => Read("""{"message":{"businessId":"S3CRET"}}"""));

        Assert.Equal("businessId", Assert.Single(invalid.Broken).Field);
        Assert.DoesNotContain("S3CRET", invalid.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"message\":null}")]
    [InlineData("{\"MESSAGE\":{}}")]
    public void An_envelope_without_a_message_has_none(string envelope) => Assert.Null(Read(envelope).Message);

    [Theory]
    [InlineData("019c1234-5678-7abc-8def-0123456789ab", "019c1234-5678-7abc-8def-0123456789ab")]
    [InlineData("order-17", null)]
    [InlineData("", null)]
    public void An_id_that_is_no_guid_counts_as_none(string id, string? kept)
    {
        MessageEnvelope envelope = Read($$"""
            {"messageId":"{{id}}","requestId":"{{id}}","correlationId":"{{id}}","conversationId":"{{id}}","initiatorId":"{{id}}"}
            """);

        Assert.Equal(kept, envelope.MessageId);
        Assert.Equal(kept, envelope.RequestId);
        Assert.Equal(kept, envelope.CorrelationId);
        Assert.Equal(kept, envelope.ConversationId);
        Assert.Equal(kept, envelope.InitiatorId);
    }

    [Theory]
    [InlineData("rabbitmq://localhost/reply", "rabbitmq://localhost/reply")]
    [InlineData("reply-queue", null)]
    [InlineData("", null)]
    public void An_address_that_is_no_uri_counts_as_none(string address, string? kept)
    {
        var envelope = Read($$"""
            {"sourceAddress":"{{address}}","destinationAddress":"{{address}}","responseAddress":"{{address}}","faultAddress":"{{address}}"}
            """);
        var context = new EnvelopeMessageContext(envelope, SystemTextJsonMessageSerializer.Instance);

        Assert.All(
            new[] { context.SourceAddress, context.DestinationAddress, context.ResponseAddress, context.FaultAddress },
            read => Assert.Equal(kept, read?.ToString()));
    }

    [Theory]
    [InlineData("4711")]
    [InlineData("1769850600.5")]
    [InlineData("true")]
    [InlineData("null")]
    [InlineData("""[1,{"a":[]}]""")]
    [InlineData("""{"a":{"b":1}}""")]
    public void What_is_no_text_beside_a_message_counts_as_none(string value)
    {
        MessageEnvelope envelope = Read($$$"""
            {"messageId":{{{value}}},"requestId":{{{value}}},"sentTime":{{{value}}},"expirationTime":{{{value}}},
             "responseAddress":{{{value}}},"message":{{{Messages.Call}}},"faultAddress":{{{value}}}}
            """);

        Assert.Equal(new CallStarted("CA1", 42, At), envelope.Message);
        Assert.Null(envelope.MessageId);
        Assert.Null(envelope.SentTime);
        Assert.Null(envelope.ResponseAddress);
    }

    [Theory]
    [InlineData("[1]", 0)]
    [InlineData("7", 0)]
    [InlineData("""{"a":1,"b":null}""", 2)]
    public void Headers_that_are_no_object_count_as_none(string headers, int kept)
    {
        var envelope = Read($$$"""{"headers":{{{headers}}},"message":{{{Messages.Call}}}}""");

        Assert.Equal(new CallStarted("CA1", 42, At), envelope.Message);
        Assert.Equal(kept, envelope.Headers?.Count ?? 0);
    }

    [Fact]
    public void What_stands_in_the_way_of_reading_an_envelope_is_not_quoted()
    {
        var invalid = Assert.Throws<InvalidMessageException>(() => Read("""{"headers":{"S3CRET":tru"""));

        Assert.DoesNotContain("S3CRET", invalid.Message, StringComparison.Ordinal);
    }

    private static Envelope<CallStarted> Read(string json) =>
        ContractReader.Read(Encoding.UTF8.GetBytes(json), EnvelopeJson.Default.EnvelopeCallStarted);
}
