using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MassTransit;
using MassTransit.Serialization;
using RabbitMQ.Client;

namespace VoiceWorker.Bus;

/// <summary>
/// Replies to callers that ask for one: in an envelope to MassTransit's response address, or as plain JSON to AMQP
/// reply_to with the correlation_id given back.
/// </summary>
internal sealed class Replies(TimeProvider time)
{
    /// <summary>Whether the caller asks for a reply.</summary>
    public static bool IsWanted(ConsumeContext request) =>
        ResponseAddress(request) is not null || !string.IsNullOrWhiteSpace(ReplyTo(request));

    /// <summary>What is left of the caller's patience, if it says.</summary>
    public TimeSpan? PatienceLeft(ConsumeContext request) =>
        CallerPatience.Left(request, PropertiesOf(request), time.GetUtcNow());

    /// <returns>Whether there was somebody left to answer.</returns>
    public async Task<bool> SendAsync<T>(
        ConsumeContext request, T message, JsonTypeInfo<T> plain, JsonTypeInfo<ReplyEnvelope<T>> enveloped)
        where T : class
    {
        var patience = PatienceLeft(request);
        if (patience <= TimeSpan.Zero)
            return false;
        var (queue, contentType, body) = ResponseAddress(request) is { } address
            ? (Asker.QueueOf(address, ReplyTo(request)), SystemTextJsonMessageSerializer.JsonContentType.MediaType,
                Enveloped(request, address, message, enveloped))
            : (ReplyTo(request), "application/json", JsonSerializer.SerializeToUtf8Bytes(message, plain));
        // An answer that lies in its queue for longer is not delivered.
        var expiration =
            patience is { } left ? ((uint)left.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) : null;
        if (queue is null)
            return false;
        await Answer.SendAsync(request.ReceiveContext, queue, contentType, typeof(T).Name, body, expiration);
        return true;
    }

    private static byte[] Enveloped<T>(
        ConsumeContext request, Uri address, T message, JsonTypeInfo<ReplyEnvelope<T>> type)
        where T : class =>
        JsonSerializer.SerializeToUtf8Bytes(
            ReplyEnvelope<T>.To(
                request, request.ReceiveContext.InputAddress, address, message, [MessageUrn.ForTypeString<T>()]),
            type);

    private static Uri? ResponseAddress(ConsumeContext request) =>
        Asker.Of(request.ReceiveContext)?.Context.ResponseAddress;

    private static string? ReplyTo(ConsumeContext request) => PropertiesOf(request).ReplyTo;

    private static IReadOnlyBasicProperties PropertiesOf(ConsumeContext request) =>
        request.ReceiveContext.GetPayload<RabbitMqBasicConsumeContext>().Properties;
}
