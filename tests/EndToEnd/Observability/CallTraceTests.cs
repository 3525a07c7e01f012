using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Observability;

/// <summary>All spans of a worker that has had one call.</summary>
public sealed class CallTraceTests(TracedWorker traced) : IClassFixture<TracedWorker>
{
    private const string Producer = TracedWorker.Producer;

    [Fact]
    public async Task A_call_is_one_trace_from_its_producer_to_the_consumer_of_its_audit_event()
    {
        var trace = TracedWorker.NewTrace();

        await traced.SendAsync("traceparent", $"00-{trace}-{Producer}-01");
        var audit = (await traced.Worker.Audit.OfBusinessAsync(7, 1))[0];
        var spans = await traced.SpansAsync(all => all.Count(span => span.Links.Any(link => link.TraceId == trace)) == 2
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
        Assert.True(await Polling.UntilAsync(
            _ => Task.FromResult(traced.Collector.Metrics > 0), Waits.Longest, TestContext.Current.CancellationToken));
    }

    private static string ShownInTheDocs() => File.ReadAllText(Path.Combine(Deployed.Folder, "..", "docs", "observability.md"))
        .Split("```text trace\n")[1].Split("```")[0];
}
