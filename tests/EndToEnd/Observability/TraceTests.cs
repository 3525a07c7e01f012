using System.Text;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Observability;

public sealed class TraceTests(TestServers servers)
{
    private const string Producer = "b7ad6b7169203331";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_call_is_one_trace_from_its_producer_to_the_consumer_of_its_audit_event()
    {
        using var collector = new Collector();
        await using var worker = await RunningWorker.StartTracedAsync(servers, collector.Environment);
        var trace = NewTrace();

        await SendAsync(worker, "traceparent", $"00-{trace}-{Producer}-01");
        var audit = (await worker.Audit.OfBusinessAsync(7, 1))[0];
        var spans = await SpansAsync(collector, all => all.Count(span => span.Links.Any(link => link.TraceId == trace)) == 2
            && all.Count(span => span.TraceId == trace) == 2);

        var process = Assert.Single(spans, span => span.ParentId == Producer);
        var publish = Assert.Single(spans, span => span.ParentId == process.Id);
        var commit = Assert.Single(spans, span => span.Name == "commit calls");
        var sequence = Assert.Single(spans, span => span.Name == "sequence audit events");
        Assert.Equal(("process voice-worker.call-started", "consumer"), (process.Name, process.Kind));
        Assert.Equal(("publish call-voice-resolved", "producer"), (publish.Name, publish.Kind));
        Assert.Equal($"00-{trace}-{publish.Id}-01", audit.Header("traceparent"));
        Assert.Equal(audit.Properties.MessageId, publish.Attributes["messaging.message.id"]);
        Assert.Equal((trace, process.Id), Assert.Single(commit.Links));
        Assert.Equal((trace, process.Id), Assert.Single(sequence.Links));
        Assert.Equal((commit.TraceId, commit.Id), Assert.Single(process.Links));
        Assert.Equal(ShownInTheDocs(), TraceTree.Draw(spans, trace, Producer));
        Assert.True(await Polling.UntilAsync(_ => Task.FromResult(collector.Metrics > 0), Patience, Token));
    }

    [Theory]
    [InlineData("MT-Activity-Id", false)]
    [InlineData("traceparent", true)]
    [InlineData("MT-Activity-Id", true)]
    public async Task The_trace_of_a_MassTransit_producer_goes_on_too(string header, bool isEnveloped)
    {
        using var collector = new Collector();
        await using var worker = await RunningWorker.StartTracedAsync(servers, collector.Environment);
        var trace = NewTrace();

        await SendAsync(worker, header, $"00-{trace}-{Producer}-01", isEnveloped);

        await SpansAsync(collector, all => all.Any(span => span.TraceId == trace && span.ParentId == Producer)
            && all.Any(span => span.TraceId == trace && span.Kind == "producer"));
    }

    [Fact]
    public async Task A_group_has_one_span_with_a_link_to_each_of_its_messages()
    {
        const int calls = 300;
        using var collector = new Collector();
        await using var worker = await RunningWorker.StartTracedAsync(servers, collector.Environment);
        var traces = Enumerable.Range(0, calls).Select(_ => NewTrace()).ToList();

        // All at once, so that most of them wait for the first one's transaction.
        await Task.WhenAll(traces.Select((trace, n) => SendAsync(worker, "traceparent", $"00-{trace}-{Producer}-01", callId: $"CA-{n}")));
        var spans = await SpansAsync(collector, all => all.Count(span => span.Kind == "producer") >= calls
            && Linked(all, "commit calls").Count == calls && Linked(all, "sequence audit events").Count == calls);

        Assert.Equal(traces.Order(StringComparer.Ordinal), Linked(spans, "commit calls").Order(StringComparer.Ordinal));
        Assert.Equal(traces.Order(StringComparer.Ordinal), Linked(spans, "sequence audit events").Order(StringComparer.Ordinal));
        Assert.True(spans.Count(span => span.Name == "commit calls") < calls);
    }

    [Fact]
    public async Task What_a_producer_does_not_record_is_not_recorded_here()
    {
        using var collector = new Collector();
        await using var worker = await RunningWorker.StartTracedAsync(servers, collector.Environment);
        var (silent, loud) = (NewTrace(), NewTrace());

        await SendAsync(worker, "traceparent", $"00-{silent}-{Producer}-00", callId: "CA-silent");
        var event1 = (await worker.Audit.OfBusinessAsync(7, 1))[0];
        await SendAsync(worker, "traceparent", $"00-{loud}-{Producer}-01", callId: "CA-loud");
        var spans = await SpansAsync(collector, all => all.Count(span => span.TraceId == loud) == 2 && Linked(all, "sequence audit events").Count == 1);

        Assert.DoesNotContain(spans, span => span.TraceId == silent || span.Links.Any(link => link.TraceId == silent));
        Assert.Matches($"^00-{silent}-[0-9a-f]{{16}}-00$", event1.Header("traceparent"));
    }

    [Fact]
    public async Task A_broken_call_is_a_failed_span()
    {
        using var collector = new Collector();
        await using var worker = await RunningWorker.StartTracedAsync(servers, collector.Environment);
        var trace = NewTrace();

        await worker.Broker.PublishAsync(Exchanges.CallStarted, """{"callId":"x","businessId":0,"startedAt":"2026-01-31T09:30:00Z"}"""u8.ToArray(),
            new BasicProperties { Headers = new Dictionary<string, object?> { ["traceparent"] = $"00-{trace}-{Producer}-01" } });
        var spans = await SpansAsync(collector, all => all.Any(span => span.TraceId == trace));

        var failed = Assert.Single(spans, span => span.TraceId == trace);
        Assert.True(failed.IsFailed);
        Assert.Equal("VoiceWorker.Bus.InvalidMessageException", failed.Attributes["error.type"]);
    }

    private static async Task SendAsync(
        RunningWorker worker, string header, string traceParent, bool isEnveloped = false, string callId = "CA-traced")
    {
        var call = Traffic.Call(callId, 7);
        var (body, properties) = isEnveloped
            ? ($$"""{ "messageId": "{{Guid.NewGuid()}}", "message": {{call}}, "headers": { "{{header}}": "{{traceParent}}" } }""",
                new BasicProperties { ContentType = "application/vnd.masstransit+json" })
            : (call, new BasicProperties { Headers = new Dictionary<string, object?> { [header] = traceParent } });
        await worker.Broker.PublishAsync(Exchanges.CallStarted, Encoding.UTF8.GetBytes(body), properties);
    }

    private static async Task<IReadOnlyList<Span>> SpansAsync(Collector collector, Func<IReadOnlyList<Span>, bool> areComplete)
    {
        var complete = await Polling.UntilAsync(_ => Task.FromResult(areComplete(collector.Spans)), Patience, Token);
        Assert.True(complete, string.Join('\n', collector.Spans.TakeLast(40)));
        return collector.Spans;
    }

    private static List<string> Linked(IReadOnlyList<Span> spans, string name) =>
        [.. spans.Where(span => span.Name == name).SelectMany(span => span.Links).Select(link => link.TraceId)];

    private static string NewTrace() => System.Diagnostics.ActivityTraceId.CreateRandom().ToHexString();

    private static string ShownInTheDocs() => File.ReadAllText(Path.Combine(Deployed.Folder, "..", "docs", "observability.md"))
        .Split("```text trace\n")[1].Split("```")[0];

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
