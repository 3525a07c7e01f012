using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using VoiceWorker.Observability;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Relay;
using VoiceWorker.Servers;
using Xunit;

namespace VoiceWorker.Tests.Integration.Relay;

/// <summary>A relay whose rounds a test runs one by one.</summary>
internal sealed class RelayUnderTest : IAsyncDisposable
{
    private readonly AuditPublisher _publisher;
    private readonly AuditRelay _relay;

    /// <param name="queues">Those that are known to take the events.</param>
    public RelayUnderTest(
        Uri broker, RelayStage stage, AuditOptions audit, params string[] queues)
    {
        var options = Options.Create(audit);
        var servers = Options.Create(new ConnectionOptions { RabbitMq = broker.ToString() });
        var memory = new PublishedMemory(servers, RelayLease.Default, TimeProvider.System);
        _publisher = new AuditPublisher(
            servers, options, AuditDestination.Relay with { KnownQueues = queues }, RelayLease.Default, memory);
        var recovery = new HistoryRecovery(
            memory, new PublishedHistory(stage.Store), TimeProvider.System, WorkerMetrics.Unheard,
            NullLogger<HistoryRecovery>.Instance);
        _relay = new AuditRelay(
            stage.Connections, recovery, new Sequencer(stage.Store),
            new TrailSealer(new SealWriter(stage.Store), options, TimeProvider.System), _publisher,
            RelayLease.Default, options, TimeProvider.System, WorkerMetrics.Unheard);
    }

    public Task<RelayRound> RunOnceAsync(CancellationToken cancellationToken) =>
        _relay.RunOnceAsync(cancellationToken);

    /// <summary>Runs rounds until the leader's last one was as it should be. By rounds rather than by time: what a
    /// relay waits for in between is not what is tried.</summary>
    public async Task<RelayRound> RunUntilAsync(Func<RelayRound, bool> isThere)
    {
        for (var round = 0; round < 1_000; round++)
        {
            if (await RunOnceAsync(TestContext.Current.CancellationToken) is { IsLeader: true } last && isThere(last))
                return last;
        }

        throw new InvalidOperationException("a thousand rounds were not enough");
    }

    public async ValueTask DisposeAsync()
    {
        await _relay.DisposeAsync();
        await _publisher.DisposeAsync();
    }
}
