using System.Globalization;
using System.Text;
using RabbitMQ.Client;
using VoiceWorker.Bus;

namespace VoiceWorker.DeadLetters;

/// <summary>When and why a message failed, from the worker's headers or, failing those, RabbitMQ's x-death.</summary>
/// <param name="Reason">In words; null when no header has it.</param>
/// <param name="At">When; null when no header has it.</param>
/// <param name="Stamp">The time as the header has it.</param>
internal sealed record Death(string? Reason, DateTimeOffset? At, string? Stamp)
{
    /// <summary>Whether RabbitMQ took it out of its queue before a worker failed on it: it expired there, or a policy's
    /// length pushed it out.</summary>
    public bool IsUntried { get; init; }

    /// <summary>Whether it expired by its producer's own word: the caller has stopped waiting.</summary>
    public bool IsOver { get; init; }

    /// <summary>Reads the headers; whatever they hold, it does not fail.</summary>
    /// <param name="headers">As they are on the message.</param>
    public static Death Of(IDictionary<string, object?>? headers)
    {
        if (TextOf(headers, FaultHeaders.Timestamp) is { } stamp)
            return new(TextOf(headers, FaultHeaders.Message), Parse(stamp), stamp);
        return headers?.TryGetValue("x-death", out var deaths) == true
            && deaths is IList<object?> { Count: > 0 } list && list[0] is IDictionary<string, object?> latest
            ? OfRabbitMq(latest)
            : new(TextOf(headers, FaultHeaders.Message), null, null);
    }

    /// <summary>A header as text; null when it is not there or no text.</summary>
    public static string? TextOf(IDictionary<string, object?>? headers, string name) =>
        headers?.TryGetValue(name, out var value) == true && value is byte[] text
            ? Encoding.UTF8.GetString(text) : null;

    private static Death OfRabbitMq(IDictionary<string, object?> latest)
    {
        var cause = TextOf(latest, "reason");
        var untimed = new Death(
            cause is "delivery_limit" ? "delivered too often (Bus:DeliveryLimit)" : cause, null, null)
        {
            IsUntried = cause is "expired" or "maxlen",
            IsOver = cause is "expired" && latest.ContainsKey("original-expiration"),
        };
        return latest.TryGetValue("time", out var time)
            && time is AmqpTimestamp { UnixTime: >= 0 and <= 253_402_300_799 } seconds
            ? untimed with
            {
                At = DateTimeOffset.FromUnixTimeSeconds(seconds.UnixTime),
                Stamp = seconds.UnixTime.ToString(CultureInfo.InvariantCulture),
            }
            : untimed;
    }

    private static DateTimeOffset? Parse(string stamp) => DateTimeOffset.TryParse(
        stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant : null;
}
