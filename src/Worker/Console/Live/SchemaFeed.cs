using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Schema;
using VoiceWorker.Verbs.Doctor;

namespace VoiceWorker.WebConsole.Live;

/// <summary>What <c>migrate --plan</c> tells, and how far a migration is that runs.</summary>
internal sealed class SchemaFeed
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(2);

    private readonly SchemaMigrator _migrator;
    private readonly PostgresConnections _connections;
    private readonly Snapshot<SchemaSeen> _schema;

    public SchemaFeed(
        SchemaMigrator migrator, PostgresConnections connections, IHostApplicationLifetime host, TimeProvider time)
    {
        (_migrator, _connections) = (migrator, connections);
        _schema = new(ReadAsync, MaxAge, time, host.ApplicationStopping);
    }

    public Task<Seen<SchemaSeen>> LookAsync() => _schema.LookAsync();

    private async Task<SchemaSeen> ReadAsync(CancellationToken cancellationToken)
    {
        var report = await _migrator.ReportAsync(cancellationToken);
        // Before the first migration there is no table of them.
        if (report.Pending.Files.Count > 0)
            return new(report, null);
        await using var connection = await _connections.OpenAsync(cancellationToken);
        return new(report, await MigrationRunTable.FindLastAsync(connection, cancellationToken));
    }
}

/// <summary>The schema at one moment.</summary>
/// <param name="Report">What is left to do, and who is at it.</param>
/// <param name="Last">The latest migration; null when there was none.</param>
internal sealed record SchemaSeen(MigrationReport Report, MigrationRun? Last);

/// <summary>What <c>doctor</c> finds; it may take seconds, and is not asked for often.</summary>
internal sealed class DoctorFeed(IServiceProvider services, IHostApplicationLifetime host, TimeProvider time)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(60);

    private readonly Snapshot<IReadOnlyList<Finding>> _findings = new(
        async cancellationToken => await Examination.ExamineAsync(services, cancellationToken)
            .ToListAsync(cancellationToken),
        MaxAge, time, host.ApplicationStopping);

    /// <param name="fresh">Whether it is examined again however lately it was.</param>
    public Task<Seen<IReadOnlyList<Finding>>> LookAsync(bool fresh) => _findings.LookAsync(fresh);
}
