using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Audit;

/// <summary>What a worker has recorded, for tests that look at it and publish it again: each replay is an act, which is
/// recorded in the test's own copy. The worker is gone, and what it declared is there.</summary>
public sealed class RecordedWorker(TestServers servers) : IAsyncLifetime
{
    public RunningWorker Worker { get; private set; } = null!;

    /// <summary>Its events of business 7, as they were published the first time.</summary>
    public IReadOnlyList<Delivery> OfBusiness7 { get; private set; } = [];

    /// <summary>A copy of it, of the test's own. It is no database that was promoted, which a leader would have to look
    /// at before anything is recorded.</summary>
    public async Task<LegacyDatabase> CopyAsync()
    {
        var copy = await Worker.Database.CopyAsync(businesses: 0);
        await copy.ExecuteAsync("UPDATE voice.relay_checkpoint SET history_database = NULL, history_timeline = NULL");
        return copy;
    }

    public async ValueTask InitializeAsync()
    {
        Worker = await RunningWorker.StartAsync(servers);
        await RecordedTraffic.RecordAsync(Worker);
        await Worker.Process.TerminateAsync(TestContext.Current.CancellationToken);
        OfBusiness7 = await Worker.Audit.OfBusinessAsync(7, 4);
    }

    public ValueTask DisposeAsync() => Worker.DisposeAsync();
}
