using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Relay;
using VoiceWorker.Servers;

namespace VoiceWorker.Tests.Integration.Relay;

/// <summary>A relay whose rounds a test runs one by one.</summary>
internal sealed class RelayUnderTest : IAsyncDisposable
{
    private readonly AuditPublisher _publisher;
    private readonly AuditRelay _relay;

    /// <param name="queues">Those that are known to take the events.</param>
    public RelayUnderTest(
        Uri broker, PostgresConnections connections, EventStore store, AuditOptions audit, params string[] queues)
    {
        var options = Options.Create(audit);
        var servers = Options.Create(new ConnectionOptions { RabbitMq = broker.ToString() });
        var memory = new PublishedMemory(servers, RelayLease.Default, TimeProvider.System);
        _publisher = new AuditPublisher(
            servers, options, AuditDestination.Relay with { KnownQueues = queues }, RelayLease.Default, memory);
        var recovery = new HistoryRecovery(
            memory, new PublishedHistory(store), TimeProvider.System, WorkerMetrics.Unheard,
            NullLogger<HistoryRecovery>.Instance);
        _relay = new AuditRelay(
            connections, recovery, new Sequencer(store), _publisher, RelayLease.Default, options, TimeProvider.System,
            WorkerMetrics.Unheard);
    }

    public Task<RelayRound> RunOnceAsync(CancellationToken cancellationToken) =>
        _relay.RunOnceAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _relay.DisposeAsync();
        await _publisher.DisposeAsync();
    }
}
