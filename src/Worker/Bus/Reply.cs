using System.Globalization;
using System.Text;
using RabbitMQ.Client;

namespace VoiceWorker.Bus;

/// <summary>A message to a caller, on its way through the default exchange.</summary>
/// <param name="Queue">The caller's.</param>
/// <param name="ContentType">Of the body.</param>
/// <param name="Type">Name of the message.</param>
/// <param name="CorrelationId">As the caller gave it.</param>
/// <param name="Patience">How long the caller waits from <paramref name="Since"/> on; null when it does not
/// say.</param>
/// <param name="Since">Timestamp of the handing over.</param>
internal sealed record Reply(
    string Queue, string ContentType, string Type, string? CorrelationId, ReadOnlyMemory<byte> Body, TimeSpan? Patience,
    long Since)
{
    // AMQP's limit for a name and for a correlation id.
    private const int LongestText = 255;

    // For a caller that does not say how long it waits; no reply is kept for longer.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How often it was published and not answered for.</summary>
    public int Attempts { get; init; }

    /// <summary>Whether the broker has nacked it once.</summary>
    public bool IsNacked { get; init; }

    /// <summary>Completes when it is confirmed, or lost for good.</summary>
    public Task Settled => _settled.Task;

    /// <summary>Whether it goes to RabbitMQ's reply queue that needs no declaration.</summary>
    public bool IsDirect => Queue.StartsWith(Asker.DirectReply, StringComparison.Ordinal);

    /// <summary>Whether AMQP can say it.</summary>
    public bool IsSayable => Queue.Length > 0 && IsText(Queue) && IsText(CorrelationId ?? "");

    /// <summary>It is confirmed or lost.</summary>
    public void Settle() => _settled.TrySetResult();

    /// <summary>For how long it is still of use.</summary>
    public TimeSpan Left(TimeProvider time)
    {
        var patience = Patience is { } stated && stated < Longest ? stated : Longest;
        return patience - time.GetElapsedTime(Since);
    }

    /// <summary>As it is published now.</summary>
    public BasicProperties PropertiesAt(TimeProvider time) => new()
    {
        ContentType = ContentType, Type = Type, AppId = "voice-worker", CorrelationId = CorrelationId,
        // An answer that lies in its queue for longer is not delivered.
        Expiration = Patience is null ? null
            : ((uint)Math.Max(0, Left(time).TotalMilliseconds)).ToString(CultureInfo.InvariantCulture),
    };

    private static bool IsText(string text) => Encoding.UTF8.GetByteCount(text) <= LongestText;
}
