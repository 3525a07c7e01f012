using RabbitMQ.Client;

namespace VoiceWorker.Bus;

/// <summary>A message as its producer sent it, without what it collected on its way.</summary>
internal static class OriginalMessage
{
    // CC and BCC would deliver it to those queues once more.
    private static readonly HashSet<string> Collected = new(StringComparer.Ordinal)
    {
        "x-death", "x-delivery-count", "x-acquired-count", "CC", "BCC", "MT-Reason",
        Constants.PublishSequenceNumberHeader,
    };

    private static readonly string[] CollectedPrefixes = ["MT-Fault-", "MT-Host-", "x-first-death-", "x-last-death-"];

    // These two come from MassTransit producers.
    private static readonly string[] ProducersOwn = ["MT-Fault-Address", "MT-Host-Info"];

    /// <summary>The headers that its producer gave it.</summary>
    /// <param name="headers">As they are now.</param>
    public static Dictionary<string, object?> HeadersOf(IDictionary<string, object?>? headers) =>
        (headers ?? new Dictionary<string, object?>())
            .Where(header => !IsCollected(header.Key))
            .ToDictionary(header => header.Key, header => header.Value, StringComparer.Ordinal);

    /// <summary>Its properties, to be published again by the worker.</summary>
    /// <param name="properties">As they are now.</param>
    /// <param name="headers">In place of its headers.</param>
    public static BasicProperties PropertiesOf(IReadOnlyBasicProperties properties, Dictionary<string, object?> headers)
    {
        var original = new BasicProperties(properties) { Headers = headers.Count > 0 ? headers : null };
        // RabbitMQ refuses a user id that is not the publisher's; and what has failed once must not expire unseen.
        original.ClearUserId();
        original.ClearExpiration();
        return original;
    }

    private static bool IsCollected(string header) => !ProducersOwn.Contains(header)
        && (Collected.Contains(header)
            || CollectedPrefixes.Any(prefix => header.StartsWith(prefix, StringComparison.Ordinal)));
}
