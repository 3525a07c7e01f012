using RabbitMQ.Client;
using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Observability;

/// <summary>What is told of several messages, and of those that are not as others. One worker has all of them.</summary>
public sealed class TraceTests(TracedWorker traced) : IClassFixture<TracedWorker>
{
    private const string Producer = TracedWorker.Producer;

    [Theory]
    [InlineData("MT-Activity-Id", false)]
    [InlineData("traceparent", true)]
    [InlineData("MT-Activity-Id", true)]
    public async Task The_trace_of_a_MassTransit_producer_goes_on_too(string header, bool isEnveloped)
    {
        var trace = TracedWorker.NewTrace();

        await traced.SendAsync(header, $"00-{trace}-{Producer}-01", isEnveloped);

        await traced.SpansAsync(all => all.Any(span => span.TraceId == trace && span.ParentId == Producer)
            && all.Any(span => span.TraceId == trace && span.Kind == "producer"));
    }

    [Fact]
    public async Task A_group_has_one_span_with_a_link_to_each_of_its_messages()
    {
        const int calls = 300;
        var traces = Enumerable.Range(0, calls).Select(_ => TracedWorker.NewTrace()).ToHashSet(StringComparer.Ordinal);

        // All at once, so that most of them wait for the first one's transaction.
        await Task.WhenAll(traces.Select((trace, n) => traced.SendAsync("traceparent", $"00-{trace}-{Producer}-01", callId: $"CA-{n}")));
        var spans = await traced.SpansAsync(all => all.Count(span => span.Kind == "producer" && traces.Contains(span.TraceId)) >= calls
            && Linked(all, "commit calls", traces).Count == calls && Linked(all, "sequence audit events", traces).Count == calls);

        Assert.Equal(traces.Order(StringComparer.Ordinal), Linked(spans, "commit calls", traces).Order(StringComparer.Ordinal));
        Assert.Equal(traces.Order(StringComparer.Ordinal), Linked(spans, "sequence audit events", traces).Order(StringComparer.Ordinal));
        Assert.True(spans.Count(span => span.Name == "commit calls" && span.Links.Any(link => traces.Contains(link.TraceId))) < calls);
    }

    [Fact]
    public async Task What_a_producer_does_not_record_is_not_recorded_here()
    {
        const int quiet = 8;
        var (silent, loud) = (TracedWorker.NewTrace(), TracedWorker.NewTrace());

        await traced.SendAsync("traceparent", $"00-{silent}-{Producer}-00", callId: "CA-silent", businessId: quiet);
        var event1 = (await traced.Worker.Audit.OfBusinessAsync(quiet, 1))[0];
        await traced.SendAsync("traceparent", $"00-{loud}-{Producer}-01", callId: "CA-loud", businessId: quiet);
        var spans = await traced.SpansAsync(all =>
            all.Count(span => span.TraceId == loud) == 2 && Linked(all, "sequence audit events", [loud]).Count == 1);

        Assert.DoesNotContain(spans, span => span.TraceId == silent || span.Links.Any(link => link.TraceId == silent));
        Assert.Matches($"^00-{silent}-[0-9a-f]{{16}}-00$", event1.Header("traceparent"));
    }

    [Fact]
    public async Task A_broken_call_is_a_failed_span()
    {
        var trace = TracedWorker.NewTrace();

        await traced.Worker.Broker.PublishAsync(Exchanges.CallStarted, """{"callId":"x","businessId":0,"startedAt":"2026-01-31T09:30:00Z"}"""u8.ToArray(),
            new BasicProperties { Headers = new Dictionary<string, object?> { ["traceparent"] = $"00-{trace}-{Producer}-01" } });
        var spans = await traced.SpansAsync(all => all.Any(span => span.TraceId == trace));

        var failed = Assert.Single(spans, span => span.TraceId == trace);
        Assert.True(failed.IsFailed);
        Assert.Equal("VoiceWorker.Bus.InvalidMessageException", failed.Attributes["error.type"]);
    }

    private static List<string> Linked(IReadOnlyList<Span> spans, string name, HashSet<string> traces) =>
        [.. spans.Where(span => span.Name == name).SelectMany(span => span.Links).Select(link => link.TraceId).Where(traces.Contains)];
}
