using Microsoft.Extensions.Logging;
using Npgsql;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Persistence.Schema;

// How to read this room.
//
// PendingWork is what is left to do, in this order:
//   the worker's own tables   OwnSchema applies Sql/*.sql and records each file in voice.schema_history
//   business.voice_id         migration 58, see below
//   the event store's schema  Marten creates it; recorded with Marten's version
// SchemaMigrator asks first: nothing left means no lock, and no right to change anything. Otherwise it takes
// MigrationLock, a session lock of the connection that migrates, asks again and does what is left.
//
// Migration 58 is a loop, VoiceIdMigration: inspect → plan → one step → inspect. A step relies on what was inspected
// and never on the step before, so a crash, a second worker or somebody with psql change only what is inspected next.
//   inspect  Catalog reads pg_catalog and takes no lock on the table. RowInspection looks into the rows where the
//            catalog leaves a question open. Both make one VoiceIdState.
//   plan     MigrationPlan, pure: state → the one step that is due; Unsupported, with what its owner can do, where a
//            program should not go on. ColumnType says what a type means for it.
//   alter    OnlineDdl runs a statement of MigrationSql or ShadowColumn in a transaction of its own: it inspects again
//            under a lock that stops no reader or writer, then asks for ACCESS EXCLUSIVE so briefly that nobody queues
//            behind it (LockPatience), alters and commits. BlockerQuery names who is in the way.
//   fill     RowFiller runs Fill in batches along the primary key and leaves out rows that somebody holds.
//   record   MigrationRunTable has every step before it is done, and ends the run together with its audit event.
//            StepReport logs each step.
//
// Two roads lead to NOT NULL varchar(32). NULLs: default, backfill, CHECK NOT VALID, VALIDATE, SET NOT NULL, so that
// no scan runs under a lock that stops the application. A wider type of a large table: a shadow column that a trigger
// keeps equal, filled, proven by a CHECK and swapped in.
//
// Mind when writing SQL here: IF NOT EXISTS, pg_get_expr with a table's oid and the size of a table take a lock on it,
// also where nothing is to be done.
//
// At the target Changes:Direct=Capture adds the triggers of DirectCapture, and Report removes them: two more steps.
//
// Beside the loop: TableAccess finds what the application has put before its table (policies, triggers, publications),
// SchemaVerification checks the columns afterwards, WorkerPrivileges the rights, MigrationScript writes the same plan
// as SQL for psql.

/// <summary>
/// Brings the database to its target from whatever state it is in: inspect → one step → inspect, one worker at a time.
/// A start with nothing to do takes no lock and needs no right to change anything.
/// </summary>
public sealed class SchemaMigrator(
    PostgresConnections connections, EventStore eventStore, MigrationOptions options, ChangeOptions changes,
    TimeProvider time, ILogger<SchemaMigrator> logger)
{
    /// <summary>What is left to do; changes nothing.</summary>
    /// <param name="cancellationToken">Cancels the inspection.</param>
    public async Task<PendingWork> PlanAsync(CancellationToken cancellationToken)
    {
        await using var connection = await MigrationConnection.OpenAsync(connections, cancellationToken);
        return await InspectAsync(connection, cancellationToken);
    }

    /// <summary>The same, with who is at it and who is in the way.</summary>
    /// <param name="cancellationToken">Cancels the inspection.</param>
    public async Task<MigrationReport> ReportAsync(CancellationToken cancellationToken)
    {
        await using var connection = await MigrationConnection.OpenAsync(connections, cancellationToken);
        var pending = await InspectAsync(connection, cancellationToken);
        return await MigrationReport.ReadAsync(connection, pending, cancellationToken);
    }

    /// <summary>What is left to do, as a script for psql.</summary>
    /// <param name="cancellationToken">Cancels the inspection.</param>
    public async Task<string> ScriptAsync(CancellationToken cancellationToken) =>
        Script(await PlanAsync(cancellationToken));

    /// <summary>Why this role could not do what is left to do; null when it could. Changes nothing.</summary>
    /// <param name="cancellationToken">Cancels the inspection.</param>
    public async Task<string?> FindObstacleAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await MigrationConnection.OpenAsync(connections, cancellationToken);
            await EnsureAllowedAsync(connection, await InspectAsync(connection, cancellationToken), cancellationToken);
            return null;
        }
        catch (Exception obstacle) when (obstacle is PrivilegeMissingException or UnsupportedSchemaException)
        {
            return obstacle.Message;
        }
    }

    /// <summary>Does what is left to do.</summary>
    /// <param name="progress">Receives every step of migration 58; null without a screen.</param>
    /// <param name="cancellationToken">Stops between two steps, or rolls the current one back.</param>
    /// <exception cref="PrivilegeMissingException">The role may not do it; nothing was written.</exception>
    /// <exception cref="LockBudgetExceededException">A lock was not available; the step was rolled back.</exception>
    /// <exception cref="UnsupportedSchemaException">The data or the type is not to be changed by a program.</exception>
    public Task ApplyAsync(IProgress<StepProgress>? progress, CancellationToken cancellationToken) =>
        ApplyAsync(progress, new AppliedWork(), cancellationToken);

    /// <summary>The same for somebody who wants to know what was done, also if it fails.</summary>
    /// <param name="progress">See above.</param>
    /// <param name="applied">Counts along.</param>
    /// <param name="cancellationToken">See above.</param>
    public async Task ApplyAsync(
        IProgress<StepProgress>? progress, AppliedWork applied, CancellationToken cancellationToken)
    {
        await using var connection = await MigrationConnection.OpenAsync(connections, cancellationToken);
        var pending = await InspectAsync(connection, cancellationToken);
        foreach (var obstacle in pending.Obstacles)
            logger.TableObstructed(PeerText.Line(obstacle.Text), PeerText.Line(obstacle.Cure));
        for (var waited = false; !pending.IsNothing; waited = true)
        {
            await EnsureAllowedAsync(connection, pending, cancellationToken);
            if (await MigrationLock.TryTakeAsync(connection, cancellationToken))
            {
                await ApplyUnderLockAsync(connection, progress, applied, cancellationToken);
                return;
            }

            if (!waited)
                logger.WaitingForMigration();
            await Task.Delay(MigrationLock.PollInterval(), time, cancellationToken);
            pending = await InspectAsync(connection, cancellationToken);
        }

        logger.NothingToMigrate();
    }

    private async Task<PendingWork> InspectAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var access = await TableAccess.ReadAsync(connection, cancellationToken);
        access.EnsureAllShown();
        var applied = await OwnSchema.ReadAppliedAsync(connection, cancellationToken);
        var files = OwnSchema.Files.Where(file => !applied.Contains(file)).ToList();
        return new PendingWork(
            files,
            !applied.Contains(EventStore.SchemaVersion),
            await Catalog.InspectAsync(connection, changes.Direct, cancellationToken),
            files.Count == 0 && await MigrationRunTable.IsOpenAsync(connection, cancellationToken))
        {
            Access = access,
        };
    }

    private async Task EnsureAllowedAsync(
        NpgsqlConnection connection, PendingWork pending, CancellationToken cancellationToken)
    {
        // Behind another step it is reached by doing that one: a shadow column that is in the way is not left behind.
        if (pending.Steps is [MigrationStep.Unsupported, ..])
            throw new UnsupportedSchemaException(MigrationPlan.Explain(pending.VoiceId));
        if (pending.Steps.Any(step => Fill.Of(step) is not null)
            && pending.Obstacles.FirstOrDefault(
                obstacle => obstacle.Effect is TableEffect.RefusesUpdates) is { } refused)
            throw new UnsupportedSchemaException($"{refused.Text}. Cure: {refused.Cure}");
        if (pending.Steps.Count > 0 && !pending.VoiceId.IsOwner)
            throw new PrivilegeMissingException(
                $"The role may not alter {pending.VoiceId.Table}: it is not its owner", Script(pending));
        if ((pending.NeedsOwnSchema || pending.Steps.Contains(MigrationStep.AddCapture))
            && !await OwnSchema.MayCreateAsync(connection, cancellationToken))
        {
            throw new PrivilegeMissingException(
                "The role may not create in the schemas voice and voice_audit, or create them", Script(pending));
        }
    }

    private async Task ApplyUnderLockAsync(
        NpgsqlConnection connection, IProgress<StepProgress>? progress, AppliedWork applied,
        CancellationToken cancellationToken)
    {
        var runId = Guid.CreateVersion7(time.GetUtcNow());
        var pending = await InspectAsync(connection, cancellationToken);
        foreach (var file in pending.Files)
        {
            await OwnSchema.ApplyAsync(connection, file, cancellationToken);
            applied.Files++;
            logger.OwnSchemaApplied(runId, file);
        }

        await new VoiceIdMigration(connection, options, changes.Direct, time, logger, progress, applied)
            .RunAsync(runId, cancellationToken);

        if (pending.NeedsEventStore)
        {
            await eventStore.ApplySchemaAsync(connection, cancellationToken);
            await OwnSchema.RecordAsync(connection, EventStore.SchemaVersion, cancellationToken);
            applied.Files++;
            logger.OwnSchemaApplied(runId, EventStore.SchemaVersion);
        }

        await MigrationLock.ReleaseAsync(connection, cancellationToken);
    }

    private string Script(PendingWork pending) => MigrationScript.Of(pending, eventStore.SchemaScript());
}

/// <summary>What one call of the migrator has done, so far.</summary>
public sealed class AppliedWork
{
    /// <summary>Files of the worker's own schema, and the schema of the event store.</summary>
    public int Files { get; internal set; }

    /// <summary>Steps of migration 58.</summary>
    public int Steps { get; internal set; }

    /// <summary>Rows that these steps have changed.</summary>
    public long Rows { get; internal set; }

    /// <summary>Migrations that got their audit event, whoever did their steps.</summary>
    public int Completed { get; internal set; }
}

/// <summary>The role may not do what is left to do; nothing was written.</summary>
/// <param name="missing">What the role lacks.</param>
/// <param name="script">SQL for a role that has the right.</param>
public sealed class PrivilegeMissingException(string missing, string script) : Exception(missing)
{
    /// <summary>SQL for psql that does what is left to do.</summary>
    public string Script { get; } = script;
}

/// <summary>The data or the type is in a state that no program should change.</summary>
/// <param name="message">What it is, and what its owner can do.</param>
public sealed class UnsupportedSchemaException(string message) : Exception(message);
