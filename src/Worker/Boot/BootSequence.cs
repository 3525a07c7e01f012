using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using VoiceWorker.Bus;
using VoiceWorker.Commit;
using VoiceWorker.Health;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Schema;
using VoiceWorker.Relay;
using VoiceWorker.Retention;
using VoiceWorker.Servers;

namespace VoiceWorker.Boot;

/// <summary>From a process that is alive to a worker that consumes. A failure ends the process.</summary>
internal sealed class BootSequence(
    ServerWait servers, SchemaMigrator migrator, SchemaCheck schema, RetentionCheck retention, AuditTopology audit,
    InputTopology topology, RightsCheck rights, PolicyCheck policies, Rehearsal rehearsal, ConsumingWatch consuming,
    Inputs inputs, InputBus bus,
    Readiness readiness, WorkerMetrics metrics, IHostApplicationLifetime host, TimeProvider time,
    IOptions<BootOptions> boot, ILogger<BootSequence> logger)
    : BackgroundService
{
    private readonly CancellationTokenSource _left = new();

    /// <summary>Whether deliveries may have been taken.</summary>
    public bool HasStartedBus { get; private set; }

    /// <summary>What ended the boot; null when it went well or was cancelled.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Cancels it, waits as long as it may take, and leaves it: an unresponsive server answers no cancellation
    /// either.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _left.CancelAsync();
    }

    public override void Dispose()
    {
        _left.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var statements = new FollowingCancellation(stoppingToken);
        try
        {
            await BootAsync(statements.Token).WaitAsync(_left.Token);
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped before it was up; a bus that could not start throws an exception of its own.
        }
        catch (Exception failure)
        {
            Failure = failure;
            if (!readiness.SchemaVerified.IsCompleted)
                metrics.Migrates(MigrationPhase.Failed);
            await HostStartedAsync(stoppingToken);
            host.StopApplication();
        }
    }

    // A refusal can come before HTTP listens; a host that is stopped while it starts fails with a cancellation.
    private async Task HostStartedAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = host.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task BootAsync(CancellationToken cancellationToken)
    {
        await PersistAsync(PrepareDatabaseAsync, cancellationToken);
        metrics.Migrates(MigrationPhase.Verified);
        readiness.SchemaIsVerified();
        await PersistAsync(PrepareBrokerAsync, cancellationToken);
        // What is paused is not consumed for a moment.
        await PersistAsync(consuming.JoinAsync, cancellationToken);
        Enter("starting the bus");
        HasStartedBus = true;
        await bus.StartAsync(cancellationToken);
        readiness.Open();
        logger.Ready(string.Join(", ", inputs.Consumed.DefaultIfEmpty("nothing")));
    }

    private async Task PrepareDatabaseAsync(CancellationToken cancellationToken)
    {
        metrics.Migrates(MigrationPhase.Pending);
        Enter("waiting for PostgreSQL");
        await servers.ForPostgresAsync(boot.Value.Timeout, cancellationToken);
        metrics.Migrates(MigrationPhase.Running);
        Enter("migrating");
        await migrator.ApplyAsync(progress: null, cancellationToken);
        Enter("verifying the schema");
        await schema.EnsureAsync(cancellationToken);
        await retention.EnsureAsync(cancellationToken);
    }

    private async Task PrepareBrokerAsync(CancellationToken cancellationToken)
    {
        Enter("waiting for RabbitMQ");
        var broker = await servers.ForRabbitMqAsync("voice-worker boot", boot.Value.Timeout, cancellationToken);
        try
        {
            await rights.EnsureAsync(cancellationToken);
            await audit.DeclareAsync(broker, cancellationToken);
            await topology.DeclareAsync(broker, cancellationToken);
            await policies.TellAsync(cancellationToken);
            Enter("rehearsing");
            await rehearsal.RunAsync(broker, cancellationToken);
        }
        finally
        {
            await broker.LeaveAsync();
        }
    }

    private void Enter(string phase)
    {
        readiness.Enter(phase);
        logger.BootEnters(phase);
    }

    // A server that fails in between is waited for again: each step detects what is done already.
    private async Task PersistAsync(Func<CancellationToken, Task> prepare, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await prepare(cancellationToken);
                return;
            }
            // One that was waited for in vain is not waited for once more.
            catch (Exception failure) when (failure is not ServerUnreachableException
                && ServerFailure.Of(failure).Kind is FailureKind.Outage && !cancellationToken.IsCancellationRequested)
            {
                logger.BootInterrupted(ServerFailure.Describe(failure));
            }

            await Task.Delay(Retry.DelayAfter(attempt), time, cancellationToken);
        }
    }
}

/// <summary>Section <c>Boot</c>.</summary>
internal sealed class BootOptions
{
    /// <summary>How long to wait for PostgreSQL and RabbitMQ, each, before giving up.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);
}
