using System.Collections;
using System.Text;
using RabbitMQ.Client;

namespace VoiceWorker.Bus;

/// <summary>
/// The one frame that all properties and headers of a message must fit into. A client that publishes a larger one loses
/// its connection, and with it every delivery that it holds.
/// </summary>
internal static class HeaderFrame
{
    // Frame type, channel, size and end; class, weight, body size and flags; the number that the client adds to what it
    // publishes with confirms.
    private const int Overhead = 8 + 14 + 32;

    private const int Fixed = 9;

    /// <summary>How many bytes are left beside these properties.</summary>
    /// <param name="frameMax">As agreed with the broker; 0 for no limit.</param>
    /// <param name="properties">With their headers.</param>
    public static long RoomIn(uint frameMax, IReadOnlyBasicProperties properties) =>
        frameMax == 0 ? int.MaxValue : frameMax - Overhead - SizeOf(properties);

    /// <summary>Bytes of one header.</summary>
    /// <param name="value">Any value that AMQP knows.</param>
    public static long SizeOf(string name, object? value) => 1 + Bytes(name) + SizeOf(value);

    private static long SizeOf(IReadOnlyBasicProperties properties)
    {
        string?[] texts =
        [
            properties.ContentType, properties.ContentEncoding, properties.CorrelationId, properties.ReplyTo,
            properties.Expiration,
            properties.MessageId, properties.Type, properties.UserId, properties.AppId, properties.ClusterId,
        ];
        // Delivery mode, priority and timestamp: 10 bytes.
        return 10 + texts.OfType<string>().Sum(text => 1 + Bytes(text)) + SizeOf((object?)properties.Headers);
    }

    private static long SizeOf(object? value) => value switch
    {
        null => 1,
        string text => 5 + Bytes(text),
        byte[] bytes => 5 + bytes.Length,
        BinaryTableValue binary => 5 + binary.Bytes.Length,
        IEnumerable<KeyValuePair<string, object?>> table => 5 + table.Sum(entry => SizeOf(entry.Key, entry.Value)),
        IEnumerable list => 5 + list.Cast<object?>().Sum(SizeOf),
        _ => Fixed,
    };

    private static long Bytes(string text) => Encoding.UTF8.GetByteCount(text);
}
