using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Audit;

/// <summary>A worker that runs beside what it has recorded. The tests look at that and publish it again; none adds to it.</summary>
public sealed class RecordedWorker(TestServers servers) : IAsyncLifetime
{
    public RunningWorker Worker { get; private set; } = null!;

    /// <summary>Its events of business 7, as they were published the first time.</summary>
    public IReadOnlyList<Delivery> OfBusiness7 { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        Worker = await RunningWorker.StartAsync(servers);
        await RecordedTraffic.RecordAsync(Worker);
        OfBusiness7 = await Worker.Audit.OfBusinessAsync(7, 4);
    }

    public ValueTask DisposeAsync() => Worker.DisposeAsync();
}
