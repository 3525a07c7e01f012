using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using MassTransit;
using RabbitMQ.Client;
using VoiceWorker.Persistence;

namespace VoiceWorker.Bus;

/// <summary>
/// Hands a delivery to its use case straight from its bytes, when it is what nearly all are: plain JSON that keeps its
/// contract, delivered for the first time, without a deadline of its own. Everything else, and whatever fails here, is
/// MassTransit's, whose contexts are half of what a call would allocate and live as long as its transaction.
/// </summary>
/// <typeparam name="T">The contract.</typeparam>
/// <param name="type">How it is read.</param>
/// <param name="consumer">Takes it.</param>
/// <param name="spans">Of its deliveries.</param>
internal sealed class FastPath<T>(JsonTypeInfo<T> type, IFastConsumer<T> consumer, ConsumeSpans spans) : IFastPath
    where T : class
{
    public Task? TryTake(FastDelivery delivery, ReadOnlySpan<byte> body)
    {
        if (!delivery.IsPlain || TryRead(body) is not { } message)
            return null;
        return Tracing.Source.HasListeners()
            ? ConsumeTracedAsync(message, delivery) : consumer.ConsumeAsync(message, delivery);
    }

    private T? TryRead(ReadOnlySpan<byte> body)
    {
        try
        {
            var message = ContractReader.Read(body, type);
            return consumer.Accepts(message) ? message : null;
        }
        catch (InvalidMessageException)
        {
            return null;
        }
    }

    private Task ConsumeTracedAsync(T message, FastDelivery delivery) => spans.SpanAsync(
        delivery.TraceParent, isRedelivered: false, () => consumer.ConsumeAsync(message, delivery));
}

/// <inheritdoc cref="FastPath{T}"/>
internal interface IFastPath
{
    /// <summary>Begins with a delivery.</summary>
    /// <param name="delivery">What came with the message.</param>
    /// <param name="body">Only until this returns.</param>
    /// <returns>Completes when it may be acknowledged; null when it is not for this path.</returns>
    Task? TryTake(FastDelivery delivery, ReadOnlySpan<byte> body);
}

/// <summary>A use case with a fast path.</summary>
/// <typeparam name="T">The contract.</typeparam>
internal interface IFastConsumer<in T>
{
    /// <summary>Whether the message keeps the rules of its contract; who waits for one that does not is told by the
    /// other path.</summary>
    bool Accepts(T message);

    /// <summary>Completes after the commit. What it throws is dealt with on the other path.</summary>
    Task ConsumeAsync(T message, FastDelivery delivery);
}

/// <summary>What a use case needs of a delivery beside the message.</summary>
/// <param name="properties">Of the message.</param>
/// <param name="time">Since when it has been here.</param>
/// <param name="lost">When its channel is gone: another worker gets it, and answers.</param>
internal sealed class FastDelivery(IReadOnlyBasicProperties properties, TimeProvider time, CancellationToken lost)
{
    // What MassTransit reads of the headers of a plain message begins so; all others are nobody's here.
    private const string OfMassTransit = "MT-";

    private readonly long _arrivedAt = time.GetTimestamp();

    /// <summary>Whether its properties say nothing that only MassTransit's path heeds.</summary>
    public bool IsPlain =>
        properties.ContentType is null or "" or "application/json"
        && string.IsNullOrEmpty(properties.Expiration) && !HasHeededHeader();

    /// <summary>W3C trace context of its producer; null when there is none that can be read.</summary>
    public string? TraceParent
    {
        get
        {
            if (properties.Headers?.TryGetValue(Tracing.TraceParentHeader, out var value) is not true)
                return null;
            return Bus.TraceParent.Readable(value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : value as string);
        }
    }

    /// <summary>AMQP reply_to of a caller that waits for an answer; null when nobody does.</summary>
    public string? ReplyTo => string.IsNullOrWhiteSpace(properties.ReplyTo) ? null : properties.ReplyTo;

    /// <summary>As the caller gave it.</summary>
    public string? CorrelationId => properties.CorrelationId;

    /// <summary>Whether the caller has its answer: whoever goes on with the delivery must not send another.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>Is cancelled when its channel is gone: another worker gets it, and answers.</summary>
    public CancellationToken Lost => lost;

    /// <summary>Since its arrival.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_arrivedAt);

    private bool HasHeededHeader()
    {
        if (properties.Headers is not { Count: > 0 } headers)
            return false;
        foreach (var (name, _) in headers)
        {
            if (name.StartsWith(OfMassTransit, StringComparison.Ordinal)
                || name is CallerPatience.Over or "Content-Type")
                return true;
        }

        return false;
    }
}

/// <summary>
/// How a delivery failed on the fast path. MassTransit's path throws it once more, where every failure is dealt with,
/// and decides nothing anew: what the caller has been told stays so.
/// </summary>
/// <param name="Failure">What was thrown.</param>
/// <param name="IsAnswered">Whether the caller has its answer.</param>
internal sealed record FastFailure(Exception Failure, bool IsAnswered)
{
    // The delivery's own properties, which MassTransit hands on as they are.
    private static readonly ConditionalWeakTable<IReadOnlyBasicProperties, FastFailure> Noted = [];

    /// <summary>Of a delivery that goes on; null when it was not on the fast path.</summary>
    public static FastFailure? Of(ReceiveContext delivery) =>
        delivery.TryGetPayload<RabbitMqBasicConsumeContext>(out var basic) ? Of(basic.Properties) : null;

    /// <summary>The same.</summary>
    /// <param name="delivery">Its properties.</param>
    public static FastFailure? Of(IReadOnlyBasicProperties delivery) =>
        Noted.TryGetValue(delivery, out var failure) ? failure : null;

    /// <summary>Notes it.</summary>
    /// <param name="delivery">Its properties.</param>
    public void Note(IReadOnlyBasicProperties delivery) => Noted.AddOrUpdate(delivery, this);
}

/// <summary>Throws once more what a delivery failed with on the fast path.</summary>
internal sealed class FastFailureFilter : IFilter<ConsumeContext>
{
    public Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        if (FastFailure.Of(context.ReceiveContext) is { } failed)
            ExceptionDispatchInfo.Throw(failed.Failure);
        return next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("fastFailure");
}
