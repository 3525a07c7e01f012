using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace VoiceWorker.Bus;

/// <summary>
/// A message to whoever asked. On the channel of the delivery: when that is gone the delivery comes again, and with it
/// the answer. Through the default exchange, which is always there and need not be declared.
/// </summary>
internal static class Answer
{
    public static async Task SendAsync(
        ReceiveContext asked, string queue, string contentType, string type, ReadOnlyMemory<byte> body,
        string? expiration = null)
    {
        var properties = new BasicProperties
        {
            ContentType = contentType, Type = type, AppId = "voice-worker",
            CorrelationId = asked.GetPayload<RabbitMqBasicConsumeContext>().Properties.CorrelationId,
            Expiration = expiration,
        };
        try
        {
            // Not mandatory: a caller that has gone is no reason to keep its call.
            await asked.GetPayload<ChannelContext>().Channel.BasicPublishAsync(
                "", queue, mandatory: false, properties, body, asked.CancellationToken);
        }
        catch (RabbitMQ.Client.Exceptions.PublishException)
        {
            // Nor is one whose queue is full and refuses it.
        }
    }
}
