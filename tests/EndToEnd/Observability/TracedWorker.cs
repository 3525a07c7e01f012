using System.Diagnostics;
using System.Text;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Observability;

/// <summary>A worker that exports to a collector. Tests that share it know their spans by the trace.</summary>
public sealed class TracedWorker(TestServers servers) : IAsyncLifetime
{
    /// <summary>The span of every producer.</summary>
    public const string Producer = "b7ad6b7169203331";

    internal Collector Collector { get; } = new();

    public RunningWorker Worker { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Worker = await RunningWorker.StartTracedAsync(servers, Collector.Environment);

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        Collector.Dispose();
    }

    public static string NewTrace() => ActivityTraceId.CreateRandom().ToHexString();

    /// <summary>Sends a call whose producer says so in a header.</summary>
    public async Task SendAsync(
        string header, string traceParent, bool isEnveloped = false, string? callId = null, int businessId = 7)
    {
        var call = Wire.Call(callId ?? $"CA-{traceParent}", businessId);
        var (body, properties) = isEnveloped
            ? ($$"""{ "messageId": "{{Guid.NewGuid()}}", "message": {{call}}, "headers": { "{{header}}": "{{traceParent}}" } }""",
                new BasicProperties { ContentType = "application/vnd.masstransit+json" })
            : (call, new BasicProperties { Headers = new Dictionary<string, object?> { [header] = traceParent } });
        await Worker.Broker.PublishAsync(Exchanges.CallStarted, Encoding.UTF8.GetBytes(body), properties);
    }

    /// <summary>Everything so far, once it is complete.</summary>
    internal async Task<IReadOnlyList<Span>> SpansAsync(Func<IReadOnlyList<Span>, bool> areComplete)
    {
        var complete = await Polling.UntilAsync(
            _ => Task.FromResult(areComplete(Collector.Spans)),
            Waits.Longest, TestContext.Current.CancellationToken);
        Assert.True(complete, string.Join('\n', Collector.Spans.TakeLast(40)));
        return Collector.Spans;
    }
}
