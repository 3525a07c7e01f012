using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using MassTransit;
using VoiceWorker.Persistence;

namespace VoiceWorker.Bus;

/// <summary>Gives each delivery its span. Costs a look at whether anybody listens.</summary>
internal sealed class ConsumeSpanFilter(ConsumeSpans spans) : IFilter<ConsumeContext>
{
    public Task Send(ConsumeContext context, IPipe<ConsumeContext> next) => Tracing.Source.HasListeners()
        ? spans.SpanAsync(
            TraceParent.OfProducer(context), context.ReceiveContext.Redelivered, () => next.Send(context))
        : next.Send(context);

    public void Probe(ProbeContext context) => context.CreateFilterScope("consumeSpan");
}

/// <summary>The spans of a queue's deliveries, which continue the traces of their producers.</summary>
/// <param name="queue">Its name.</param>
internal sealed class ConsumeSpans(string queue)
{
    private readonly string _name = $"process {queue}";

    /// <summary>Consumes within a span.</summary>
    /// <param name="traceParent">Of the producer, if any.</param>
    /// <param name="isRedelivered">Whether it has been delivered before.</param>
    /// <param name="consume">What it is about.</param>
    public async Task SpanAsync(string? traceParent, bool isRedelivered, Func<Task> consume)
    {
        using var span = Start(traceParent, isRedelivered);
        try
        {
            await consume();
        }
        catch (Exception failure)
        {
            span?.SetTag("error.type", DeliveryFailure.Of(failure).Code).SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }

    private Activity? Start(string? traceParent, bool isRedelivered)
    {
        var span = Tracing.Source.StartActivity(_name, ActivityKind.Consumer, Tracing.Parse(traceParent));
        if (span is not { IsAllDataRequested: true })
            return span;
        span.SetTag("messaging.system", "rabbitmq").SetTag("messaging.destination.name", queue)
            .SetTag("messaging.operation.name", "process").SetTag("messaging.operation.type", "process");
        if (isRedelivered)
            span.SetTag("messaging.rabbitmq.redelivered", true);
        return span;
    }
}

/// <summary>The W3C trace context that a message came with.</summary>
internal static class TraceParent
{
    // MassTransit's own name for the same.
    private const string MassTransitHeader = "MT-Activity-Id";

    /// <summary>Of the delivery's span, else of its producer; null when there is neither.</summary>
    public static string? Of(ConsumeContext context) => Activity.Current?.Id ?? OfProducer(context);

    /// <summary>The same on the fast path.</summary>
    public static string? Of(FastDelivery delivery) => Activity.Current?.Id ?? delivery.TraceParent;

    /// <summary>A text that is a trace context; null when it is none.</summary>
    public static string? Readable(string? text) => ActivityContext.TryParse(text, null, out _) ? text : null;

    /// <summary>As AMQP header or, from MassTransit, in the envelope; null when there is none that can be
    /// read.</summary>
    public static string? OfProducer(ConsumeContext context) =>
        Find(context.ReceiveContext.TransportHeaders) ?? Find(context.Headers);

    private static string? Find(Headers headers) =>
        Read(headers, Tracing.TraceParentHeader) ?? Read(headers, MassTransitHeader);

    private static string? Read(Headers headers, string name) =>
        headers.TryGetHeader(name, out var value) ? Readable(TextOf(value)) : null;

    // The text of a JSON value may be no text at all: bytes that are no UTF-8, half a surrogate pair. A trace context
    // is ASCII and needs no escape, and what is none is not worth a refusal.
    private static string? TextOf(object? value)
    {
        if (value is not JsonElement json)
            return value?.ToString();
        var raw = json.ValueKind is JsonValueKind.String ? JsonMarshal.GetRawUtf8Value(json)[1..^1] : default;
        return Ascii.IsValid(raw) ? Encoding.ASCII.GetString(raw) : null;
    }
}
