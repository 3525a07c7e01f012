using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MassTransit;
using MassTransit.Serialization;
using RabbitMQ.Client;
using VoiceWorker.Observability;

namespace VoiceWorker.Bus;

/// <summary>
/// Replies to callers that ask for one: in an envelope to MassTransit's response address, or as plain JSON to AMQP
/// reply_to with the correlation_id given back.
/// </summary>
internal sealed class Replies(ReplyPublisher publisher, ReplyLosses losses, TimeProvider time)
{
    /// <summary>Whether the caller asks for a reply; it may have stopped waiting for it.</summary>
    public static bool IsWanted(ConsumeContext request) =>
        ResponseAddress(request) is not null || !string.IsNullOrWhiteSpace(ReplyTo(request.ReceiveContext));

    /// <summary>Whether this delivery has been answered.</summary>
    public static bool HasAnswered(ReceiveContext request) =>
        request.TryGetPayload<Answered>(out _) || FastFailure.Of(request) is { IsAnswered: true };

    /// <summary>What is left of the caller's patience, if it says.</summary>
    public TimeSpan? PatienceLeft(ConsumeContext request) =>
        PatienceLeft(request.ReceiveContext, request.ExpirationTime);

    /// <returns>Whether there was a caller left to answer; when not, that is a lost reply.</returns>
    public bool Send<T>(
        ConsumeContext request, T message, JsonTypeInfo<T> plain, JsonTypeInfo<ReplyEnvelope<T>> enveloped)
        where T : class
    {
        var patience = PatienceLeft(request);
        if (!IsInTime(patience))
            return false;
        request.ReceiveContext.GetOrAddPayload(() => new Answered());
        if (ResponseAddress(request) is { } address)
        {
            SendEnvelope(
                request.ReceiveContext, address, typeof(T).Name, Enveloped(request, address, message, enveloped),
                patience);
        }
        else
        {
            Send(request.ReceiveContext, ReplyTo(request.ReceiveContext) ?? "", "application/json", typeof(T).Name,
                JsonSerializer.SerializeToUtf8Bytes(message, plain), patience);
        }

        return true;
    }

    /// <summary>Plain JSON to AMQP reply_to of a caller that does not say how long it waits.</summary>
    /// <returns>Completes when the delivery may be acknowledged.</returns>
    public Task SendTo<T>(string queue, string? correlationId, T message, JsonTypeInfo<T> type) where T : class =>
        Send(queue, "application/json", typeof(T).Name, correlationId,
            JsonSerializer.SerializeToUtf8Bytes(message, type), patience: null);

    /// <summary>Plain JSON to AMQP reply_to, if the caller waits there and still does.</summary>
    public void Refuse(ReceiveContext request, Asker asker, string type, byte[] body)
    {
        var patience = PatienceLeft(request, asker.Context.ExpirationTime);
        if (asker.Context.ResponseAddress is null && ReplyTo(request) is { } queue && !string.IsNullOrWhiteSpace(queue)
            && IsInTime(patience))
            Send(request, queue, "application/json", type, body, patience);
    }

    /// <summary>A fault in its envelope, to the queue of an address, if the caller still waits.</summary>
    public void SendFault(ReceiveContext request, Asker asker, Uri address, byte[] body)
    {
        var patience = PatienceLeft(request, asker.Context.ExpirationTime);
        if (IsInTime(patience))
            SendEnvelope(request, address, "Fault", body, patience);
    }

    private bool IsInTime(TimeSpan? patience)
    {
        if (!(patience <= TimeSpan.Zero))
            return true;
        losses.Note(ReplyLoss.Late, "the caller had stopped waiting before there was an answer");
        return false;
    }

    private void SendEnvelope(ReceiveContext request, Uri address, string type, byte[] body, TimeSpan? patience) =>
        Send(request, Asker.QueueOf(address, ReplyTo(request)),
            SystemTextJsonMessageSerializer.JsonContentType.MediaType, type, body, patience);

    private TimeSpan? PatienceLeft(ReceiveContext request, DateTime? expirationTime) =>
        IsOver(request) ? TimeSpan.Zero : CallerPatience.Left(
            expirationTime, PropertiesOf(request).Expiration, request.ElapsedTime, time.GetUtcNow());

    private static bool IsOver(ReceiveContext request) =>
        PropertiesOf(request).Headers?.ContainsKey(CallerPatience.Over) == true;

    private void Send(
        ReceiveContext request, string queue, string contentType, string type, byte[] body, TimeSpan? patience) =>
        request.AddReceiveTask(
            Send(queue, contentType, type, PropertiesOf(request).CorrelationId, body, patience));

    private Task Send(
        string queue, string contentType, string type, string? correlationId, byte[] body, TimeSpan? patience) =>
        publisher.Send(new Reply(queue, contentType, type, correlationId, body, patience, time.GetTimestamp()));

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

    private sealed class Answered;
}

/// <summary>How long a caller waits, by its own word: expirationTime of the envelope, AMQP expiration.</summary>
internal static class CallerPatience
{
    /// <summary>Header of a message that expired before a worker took it: nobody waits for an answer.</summary>
    public const string Over = "x-voice-worker-expired";

    /// <summary>What is left of it; zero or less when an answer is of no use any more, null when the caller does not
    /// say.</summary>
    /// <param name="expirationTime">UTC.</param>
    /// <param name="expiration">As the caller set the property.</param>
    /// <param name="elapsed">Since the arrival.</param>
    public static TimeSpan? Left(DateTime? expirationTime, string? expiration, TimeSpan elapsed, DateTimeOffset now)
    {
        var absolute = expirationTime is { } end ? new DateTimeOffset(end, TimeSpan.Zero) - now : (TimeSpan?)null;
        // Milliseconds in the queue at most. The broker does not report how many of them are gone: they count from the
        // arrival.
        var relative = Milliseconds(expiration) - elapsed;
        return absolute is null || relative < absolute ? relative : absolute;
    }

    private static TimeSpan? Milliseconds(string? expiration) =>
        uint.TryParse(expiration, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds) : null;
}

/// <summary>The MassTransit JSON envelope around a reply, as its request client reads it.</summary>
/// <typeparam name="T">Type of the reply.</typeparam>
internal sealed class ReplyEnvelope<T>
{
    public required Guid MessageId { get; init; }
    public required Guid? RequestId { get; init; }
    public required Guid? CorrelationId { get; init; }
    public required Guid? ConversationId { get; init; }
    public required Uri? SourceAddress { get; init; }
    public required Uri? DestinationAddress { get; init; }
    public required T Message { get; init; }
    public required string[] MessageType { get; init; }

    /// <summary>The answer to a request.</summary>
    /// <param name="request">Says by which ids.</param>
    /// <param name="input">Where it was asked.</param>
    /// <param name="types">How MassTransit calls its type.</param>
    public static ReplyEnvelope<T> To(MessageContext request, Uri input, Uri address, T message, string[] types) =>
        new()
        {
            MessageId = NewId.NextGuid(),
            RequestId = request.RequestId,
            CorrelationId = request.CorrelationId,
            ConversationId = request.ConversationId,
            SourceAddress = input,
            DestinationAddress = address,
            Message = message,
            MessageType = types,
        };
}
