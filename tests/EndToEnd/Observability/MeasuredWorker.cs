using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Observability;

/// <summary>A worker that has had 120 calls and the rest of <see cref="Traffic"/>, and nothing else. The tests scrape it.</summary>
public sealed class MeasuredWorker(TestServers servers) : IAsyncLifetime
{
    public RunningWorker Worker { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Worker = await RunningWorker.StartAsync(servers, "--Observability:Interval=00:00:00.5");
        await Traffic.RunAsync(Worker, calls: 120);
    }

    public ValueTask DisposeAsync() => Worker.DisposeAsync();
}
