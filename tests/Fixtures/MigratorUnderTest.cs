using Microsoft.Extensions.Logging.Abstractions;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Schema;
using Xunit;

namespace VoiceWorker.Tests.Fixtures;

/// <summary>The migrator as a worker has it, on one database.</summary>
internal sealed class MigratorUnderTest : IAsyncDisposable
{
    private readonly PostgresConnections _connections;
    private readonly EventStore _store;
    private readonly SchemaMigrator _migrator;
    private readonly MigrationOptions _options;
    private readonly ChangeOptions _changes;

    public MigratorUnderTest(
        string connectionString, MigrationOptions? options = null, DirectChanges direct = DirectChanges.Report)
    {
        _changes = new ChangeOptions { Direct = direct };
        _options = options ?? new MigrationOptions();
        _connections = new PostgresConnections(connectionString, _options.Schema);
        _store = new EventStore(_connections);
        _migrator = new SchemaMigrator(
            _connections, _store, _options, _changes, TimeProvider.System, NullLogger<SchemaMigrator>.Instance);
    }

    public Task ApplyAsync() => _migrator.ApplyAsync(progress: null, TestContext.Current.CancellationToken);

    public Task<PendingWork> PlanAsync() => _migrator.PlanAsync(TestContext.Current.CancellationToken);

    public Task<string> ScriptAsync() => _migrator.ScriptAsync(TestContext.Current.CancellationToken);

    public async Task<IReadOnlyList<string>> VerifyAsync()
    {
        await using var connection = await _connections.OpenAsync(TestContext.Current.CancellationToken);
        return await SchemaVerification.FindProblemsAsync(connection, _options, _changes, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await _connections.DisposeAsync();
    }
}
