using System.Globalization;
using System.Text.Json;
using MassTransit;
using MassTransit.Serialization;
using RabbitMQ.Client;
using VoiceWorker.Bus;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Calls;

/// <summary>
/// The reply to CallStarted, for whoever asks: in an envelope to MassTransit's response address, or as plain JSON to
/// AMQP reply_to with the correlation_id given back.
/// </summary>
internal static class CallReply
{
    private static readonly string[] CallVoiceType = [MessageUrn.ForTypeString<CallVoice>()];

    public static bool IsWanted(ConsumeContext context) =>
        ResponseAddress(context) is not null || !string.IsNullOrWhiteSpace(ReplyTo(context));

    /// <summary>What is left of the caller's patience, if it says.</summary>
    public static TimeSpan? PatienceLeft(ConsumeContext context, DateTimeOffset now) =>
        CallerPatience.Left(context, Request(context), now);

    /// <returns>Whether there was somebody left to answer.</returns>
    public static async Task<bool> SendAsync(ConsumeContext context, CallVoice voice, DateTimeOffset now)
    {
        var patience = PatienceLeft(context, now);
        if (patience <= TimeSpan.Zero)
            return false;
        var (queue, contentType, body) = ResponseAddress(context) is { } address
            ? (Asker.QueueOf(address, ReplyTo(context)), SystemTextJsonMessageSerializer.JsonContentType.MediaType,
                Enveloped(context, address, voice))
            : (ReplyTo(context), "application/json",
                JsonSerializer.SerializeToUtf8Bytes(voice, ContractsJson.Default.CallVoice));
        // An answer that lies in its queue for longer is not delivered.
        var expiration =
            patience is { } left ? ((uint)left.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) : null;
        if (queue is null)
            return false;
        await Answer.SendAsync(context.ReceiveContext, queue, contentType, nameof(CallVoice), body, expiration);
        return true;
    }

    private static byte[] Enveloped(ConsumeContext context, Uri address, CallVoice voice) =>
        JsonSerializer.SerializeToUtf8Bytes(
            ReplyEnvelope<CallVoice>.To(context, context.ReceiveContext.InputAddress, address, voice, CallVoiceType),
            EnvelopeJson.Default.ReplyEnvelopeCallVoice);

    private static Uri? ResponseAddress(ConsumeContext context) =>
        Asker.Of(context.ReceiveContext)?.Context.ResponseAddress;

    private static string? ReplyTo(ConsumeContext context) => Request(context).ReplyTo;

    private static IReadOnlyBasicProperties Request(ConsumeContext context) =>
        context.ReceiveContext.GetPayload<RabbitMqBasicConsumeContext>().Properties;
}
