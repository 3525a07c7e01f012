using System.Globalization;
using System.Text.Json;
using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.Serialization;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Bus;

/// <summary>
/// The reply to CallStarted, for whoever asks: in an envelope to MassTransit's response address, or as plain JSON to AMQP
/// reply_to with the correlation_id given back.
/// </summary>
internal static class CallReply
{
    public static bool IsWanted(ConsumeContext context) =>
        context.ResponseAddress is not null || !string.IsNullOrWhiteSpace(Request(context).ReplyTo);

    /// <summary>What is left of the caller's patience, if it says.</summary>
    public static TimeSpan? PatienceLeft(ConsumeContext context, DateTimeOffset now) =>
        CallerPatience.Left(context, Request(context), now);

    // On the channel of the delivery: when that is gone the delivery comes again, and with it the reply. Through the
    // default exchange, which is always there: MassTransit's own way to respond declares the exchange of the address, and
    // one that exists with another type would close the channel of all deliveries.
    public static async Task SendAsync(ConsumeContext context, CallVoice voice, DateTimeOffset now)
    {
        var patience = PatienceLeft(context, now);
        if (patience <= TimeSpan.Zero)
            return;
        var channel = context.ReceiveContext.GetPayload<ChannelContext>().Channel;
        var (queue, contentType, body) = context.ResponseAddress is { } address
            ? (QueueOf(address, context), SystemTextJsonMessageSerializer.JsonContentType.MediaType, Enveloped(context, voice))
            : (Request(context).ReplyTo!, "application/json", JsonSerializer.SerializeToUtf8Bytes(voice, ContractsJson.Default.CallVoice));
        var properties = new BasicProperties
        {
            ContentType = contentType, Type = nameof(CallVoice), AppId = "voice-worker", CorrelationId = Request(context).CorrelationId,
            // An answer that lies in its queue for longer is not delivered.
            Expiration = patience is { } left ? ((uint)left.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) : null,
        };
        try
        {
            // Not mandatory: a caller that has gone is no reason to keep its call.
            await channel.BasicPublishAsync("", queue, mandatory: false, properties, body, context.CancellationToken);
        }
        catch (RabbitMQ.Client.Exceptions.PublishException)
        {
            // Nor is one whose queue is full and refuses it.
        }
    }

    private static byte[] Enveloped(ConsumeContext context, CallVoice voice) =>
        JsonSerializer.SerializeToUtf8Bytes(ReplyEnvelope.To(context, voice), EnvelopeJson.Default.ReplyEnvelope);

    // rabbitmq://host/vhost/queue?temporary=true, queue:name, exchange:name: MassTransit gives a queue and its exchange the
    // same name.
    private static string QueueOf(Uri address, ConsumeContext context)
    {
        var name = Uri.UnescapeDataString(address.AbsolutePath[(address.AbsolutePath.LastIndexOf('/') + 1)..]);
        return name == QueueNames.DirectReply && Request(context).ReplyTo is { } replyTo ? replyTo : name;
    }

    private static IReadOnlyBasicProperties Request(ConsumeContext context) =>
        context.ReceiveContext.GetPayload<RabbitMqBasicConsumeContext>().Properties;
}
