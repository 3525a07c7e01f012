using System.Text.Json;
using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Bus;

/// <summary>
/// The reply to CallStarted, for whoever asks: through MassTransit's response address, or as plain JSON to AMQP reply_to
/// with the correlation_id given back.
/// </summary>
internal static class CallReply
{
    public static bool IsWanted(ConsumeContext context) => context.ResponseAddress is not null || ReplyTo(context) is not null;

    public static Task SendAsync(ConsumeContext context, CallVoice voice) => context.ResponseAddress is not null
        ? context.RespondAsync(voice)
        : SendPlainAsync(context, voice);

    // On the channel of the delivery: when that is gone the delivery comes again, and with it the reply. Through the
    // default exchange, which also reaches a caller's amq.rabbitmq.reply-to.
    private static async Task SendPlainAsync(ConsumeContext context, CallVoice voice)
    {
        var channel = context.ReceiveContext.GetPayload<ChannelContext>().Channel;
        var request = context.ReceiveContext.GetPayload<RabbitMqBasicConsumeContext>().Properties;
        var properties = new BasicProperties
        {
            ContentType = "application/json",
            Type = nameof(CallVoice),
            AppId = "voice-worker",
            CorrelationId = request.CorrelationId,
        };
        var body = JsonSerializer.SerializeToUtf8Bytes(voice, ContractsJson.Default.CallVoice);
        // Not mandatory: a caller that has gone is no reason to keep its call.
        await channel.BasicPublishAsync("", request.ReplyTo!, mandatory: false, properties, body, context.CancellationToken);
    }

    private static string? ReplyTo(ConsumeContext context) =>
        context.ReceiveContext.TryGetPayload(out RabbitMqBasicConsumeContext? delivery)
        && !string.IsNullOrWhiteSpace(delivery.Properties.ReplyTo) ? delivery.Properties.ReplyTo : null;
}
