using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Bus;

namespace VoiceWorker.DeadLetters;

/// <summary>A message in an error or dead-letter queue, held unacknowledged: unless it is settled it goes
/// back.</summary>
/// <param name="Queue">Where it lies.</param>
/// <param name="Origin">The queue that it failed in.</param>
/// <param name="Id">See <see cref="DeadLetterId"/>.</param>
/// <param name="Message">Body and properties.</param>
/// <param name="Holder">Has it, on a channel with publisher confirms.</param>
internal sealed record DeadLetter(string Queue, string Origin, string Id, BasicGetResult Message, Holder Holder)
{
    public Death Death { get; } = Death.Of(Message.BasicProperties.Headers);

    public Glance Glance { get; } = Glance.At(Message.Body);

    /// <summary>Who sent it; null when it does not say.</summary>
    public string? Producer => DeadLetters.Producer.NameOf(Message.BasicProperties, Glance);

    /// <summary>Publishes it to its origin as its producer sent it, with a mark if its caller has stopped waiting:
    /// RabbitMQ has taken the expiration off. Acknowledged here only when it is confirmed there:
    /// a kill in between repeats it, which the worker's inbox takes care of, and loses nothing.</summary>
    /// <param name="body">A copy that keeps the contract, in place of its own; null for its own.</param>
    /// <returns>Null when it is done; otherwise why it stays.</returns>
    public async Task<string?> ReplayAsync(ReadOnlyMemory<byte>? body, CancellationToken cancellationToken)
    {
        var headers = OriginalMessage.HeadersOf(Message.BasicProperties.Headers);
        if (Death.IsOver)
            headers[CallerPatience.Over] = true;
        var properties = OriginalMessage.PropertiesOf(Message.BasicProperties, headers);
        try
        {
            await Holder.Channel.BasicPublishAsync(
                "", Origin, mandatory: true, properties, body ?? Message.Body, cancellationToken);
        }
        catch (PublishException refused)
        {
            return refused.IsReturn ? $"there is no queue {Origin}" : $"RabbitMQ does not take it: {Origin} is full";
        }

        await DiscardAsync(cancellationToken);
        return null;
    }

    /// <summary>Takes it out for good.</summary>
    public ValueTask DiscardAsync(CancellationToken cancellationToken) =>
        Holder.AcknowledgeAsync(Queue, Message.DeliveryTag, cancellationToken);
}

/// <summary>
/// An id for a message that may have none: the same each time one looks, another after the next failure. Messages that
/// are equal byte for byte and failed in the same instant share one.
/// </summary>
internal static class DeadLetterId
{
    private const int Length = 12;

    /// <summary>The first 12 hexadecimal characters of SHA-256 over all of it.</summary>
    /// <param name="queue">Where it lies.</param>
    /// <param name="messageId">Its producer's id, if any.</param>
    /// <param name="diedAt">Time of its death as the header has it, if any.</param>
    public static string Of(string queue, ReadOnlySpan<byte> body, string? messageId, string? diedAt)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, Encoding.UTF8.GetBytes(queue));
        Append(hash, body);
        Append(hash, Encoding.UTF8.GetBytes(messageId ?? ""));
        Append(hash, Encoding.UTF8.GetBytes(diedAt ?? ""));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..Length];
    }

    // With its length: "ab" + "c" is not "a" + "bc".
    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
        hash.AppendData(length);
        hash.AppendData(part);
    }
}

/// <summary>Whom a message is about, as far as it can be read: it may be here because it cannot.</summary>
/// <param name="BusinessId">As written; null when unreadable.</param>
/// <param name="CallId">As written; null when unreadable or not part of the message.</param>
internal sealed record Glance(string? BusinessId, string? CallId)
{
    private const int Longest = 64;

    /// <summary>Where MassTransit's envelope says that it comes from; null without one.</summary>
    public string? Host { get; init; }

    /// <summary>Reads plain JSON or a MassTransit envelope; whatever the bytes are, it does not fail.</summary>
    public static Glance At(ReadOnlyMemory<byte> body)
    {
        if (body.Span.StartsWith("\uFEFF"u8))
            body = body["\uFEFF"u8.Length..];
        try
        {
            using var document = JsonDocument.Parse(
                body, new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            var message = MessageIn(document.RootElement);
            return new(FieldOf(message, "businessId"), FieldOf(message, "callId"))
            {
                Host = IsEnvelope(document.RootElement) && document.RootElement.TryGetProperty("host", out var host)
                    ? Producer.OfHost(host) : null,
            };
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return new(null, null);
        }
    }

    private static JsonElement MessageIn(JsonElement root) => IsEnvelope(root) ? root.GetProperty("message") : root;

    private static bool IsEnvelope(JsonElement root) =>
        root.ValueKind is JsonValueKind.Object && root.TryGetProperty("message", out var inner)
        && inner.ValueKind is JsonValueKind.Object;

    private static string? FieldOf(JsonElement message, string name)
    {
        if (message.ValueKind is not JsonValueKind.Object || !message.TryGetProperty(name, out var value))
            return null;
        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number => value.GetRawText(),
            _ => "",
        };
        return text.Length is 0 ? null : text.Length > Longest ? text[..Longest] : text;
    }
}
