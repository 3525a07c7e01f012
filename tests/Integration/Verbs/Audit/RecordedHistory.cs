using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Audit;

/// <summary>What a worker recorded before it was asked to leave, for each test to alter as it likes. A worker that runs
/// would sequence what is put into the outbox.</summary>
public sealed class RecordedHistory(TestServers servers) : IAsyncLifetime
{
    private RunningWorker _worker = null!;

    /// <summary>A copy of it, of the test's own.</summary>
    public Task<LegacyDatabase> CopyAsync() => _worker.Database.CopyAsync(businesses: 0);

    public async ValueTask InitializeAsync()
    {
        _worker = await RunningWorker.StartAsync(servers);
        await RecordedTraffic.RecordAsync(_worker);
        await _worker.Process.TerminateAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _worker.DisposeAsync();
}
