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
internal sealed class Replies(ReplyPublisher publisher, TimeProvider time)
{
    /// <summary>Whether the caller asks for a reply.</summary>
    public static bool IsWanted(ConsumeContext request) =>
        ResponseAddress(request) is not null || !string.IsNullOrWhiteSpace(ReplyTo(request.ReceiveContext));

    /// <summary>What is left of the caller's patience, if it says.</summary>
    public TimeSpan? PatienceLeft(ConsumeContext request) =>
        CallerPatience.Left(request, PropertiesOf(request.ReceiveContext), time.GetUtcNow());

    /// <returns>Whether there was somebody left to answer.</returns>
    public bool Send<T>(
        ConsumeContext request, T message, JsonTypeInfo<T> plain, JsonTypeInfo<ReplyEnvelope<T>> enveloped)
        where T : class
    {
        var patience = PatienceLeft(request);
        if (patience <= TimeSpan.Zero)
            return false;
        if (ResponseAddress(request) is { } address)
        {
            SendEnvelope(
                request.ReceiveContext, address, typeof(T).Name, Enveloped(request, address, message, enveloped), patience);
        }
        else
        {
            Send(request.ReceiveContext, ReplyTo(request.ReceiveContext) ?? "", "application/json", typeof(T).Name,
                JsonSerializer.SerializeToUtf8Bytes(message, plain), patience);
        }

        return true;
    }

    /// <summary>A message in its envelope, to the queue of an address.</summary>
    public void SendEnvelope(ReceiveContext request, Uri address, string type, byte[] body, TimeSpan? patience) => Send(
        request, Asker.QueueOf(address, ReplyTo(request)), SystemTextJsonMessageSerializer.JsonContentType.MediaType,
        type, body, patience);

    private void Send(
        ReceiveContext request, string queue, string contentType, string type, byte[] body, TimeSpan? patience) =>
        publisher.Send(new Reply(
            queue, contentType, type, PropertiesOf(request).CorrelationId, body, patience, time.GetTimestamp()));

    private static byte[] Enveloped<T>(
        ConsumeContext request, Uri address, T message, JsonTypeInfo<ReplyEnvelope<T>> type)
        where T : class =>
        JsonSerializer.SerializeToUtf8Bytes(
            ReplyEnvelope<T>.To(
                request, request.ReceiveContext.InputAddress, address, message, [MessageUrn.ForTypeString<T>()]),
            type);

    private static Uri? ResponseAddress(ConsumeContext request) =>
        Asker.Of(request.ReceiveContext)?.Context.ResponseAddress;

    private static string? ReplyTo(ReceiveContext request) => PropertiesOf(request).ReplyTo;

    private static IReadOnlyBasicProperties PropertiesOf(ReceiveContext request) =>
        request.GetPayload<RabbitMqBasicConsumeContext>().Properties;
}
