using RabbitMQ.Client;
using VoiceWorker.Bus;

namespace VoiceWorker.Tests.Unit.Bus;

public sealed class OriginalMessageTests
{
    [Fact]
    public void Only_what_a_message_collected_on_its_way_is_taken_off()
    {
        string[] original = ["tenant", "traceparent", "MT-MessageType", "MT-Fault-Address", "MT-Host-Info", "x-replay"];
        string[] collected =
        [
            "MT-Reason", "MT-Fault-Message", "MT-Fault-StackTrace", "MT-Host-MachineName", "x-death", "x-first-death-queue",
            "x-last-death-reason", "x-delivery-count", "CC", "BCC",
        ];

        var headers = OriginalMessage.HeadersOf(original.Concat(collected).ToDictionary(name => name, object? (_) => 1));

        Assert.Equal(original.Order(), headers.Keys.Order());
        Assert.Empty(OriginalMessage.HeadersOf(null));
    }

    [Fact]
    public void Properties_stay_but_for_those_that_RabbitMQ_would_act_on()
    {
        var sent = new BasicProperties
        {
            MessageId = "m", ReplyTo = "r", CorrelationId = "c", ContentType = "text/plain", Persistent = true, Type = "t",
            UserId = "somebody", Expiration = "1000",
        };

        var original = OriginalMessage.PropertiesOf(sent, []);

        Assert.Equal(("m", "r", "c", "text/plain", true, "t"), (original.MessageId, original.ReplyTo, original.CorrelationId,
            original.ContentType, original.Persistent, original.Type));
        Assert.Equal((null, null, null), (original.UserId, original.Expiration, original.Headers));
    }
}
