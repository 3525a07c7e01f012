using Microsoft.Extensions.Logging;
using Npgsql;
using VoiceWorker.Persistence.Commit;

namespace VoiceWorker.Persistence.Schema;

/// <summary>Migration 58: inspect → plan → one step, until the target stands; then its audit event.</summary>
internal sealed class VoiceIdMigration(
    NpgsqlConnection connection, MigrationOptions options, TimeProvider time, ILogger logger)
{
    // A writer that sends NULL makes VALIDATE fail and the backfill come round again.
    private const int MaxBackfills = 3;

    private readonly LockPatience _patience = new(time, options.LockBudget);
    private int _backfills;

    /// <summary>Does nothing, and records nothing, when the target stands already.</summary>
    public async Task RunAsync(Guid runId, CancellationToken cancellationToken)
    {
        var state = await Catalog.InspectAsync(connection, cancellationToken);
        for (var step = MigrationPlan.Next(state); step is not MigrationStep.None; step = MigrationPlan.Next(state))
        {
            if (step is MigrationStep.Unsupported)
                throw new UnsupportedSchemaException(MigrationPlan.Explain(state));
            await MigrationRunTable.OpenAsync(connection, runId, time.GetUtcNow(), cancellationToken);
            await MigrationRunTable.AddStepAsync(connection, step, cancellationToken);
            await ExecuteAsync(runId, step, state, cancellationToken);
            state = await Catalog.InspectAsync(connection, cancellationToken);
        }

        if (await MigrationRunTable.CompleteAsync(connection, time.GetUtcNow(), cancellationToken) is { } done)
            logger.MigrationComplete(runId, done.Migration, string.Join(", ", done.Steps), done.RowsBackfilled);
    }

    private async Task ExecuteAsync(Guid runId, MigrationStep step, VoiceIdState state, CancellationToken cancellationToken)
    {
        try
        {
            if (step is MigrationStep.Backfill)
                await BackfillAsync(runId, state, cancellationToken);
            else
                await AlterAsync(runId, step, state, cancellationToken);
        }
        catch (PostgresException failure) when (IsNullFoundByValidation(step, failure))
        {
            // A writer was faster than the CHECK: the next inspection sees its NULL.
            logger.StepFailed(runId, step.ToString(), failure.SqlState);
        }
        catch (PostgresException failure)
        {
            logger.StepFailed(runId, step.ToString(), failure.SqlState);
            throw;
        }
    }

    private async Task AlterAsync(Guid runId, MigrationStep step, VoiceIdState state, CancellationToken cancellationToken)
    {
        var ddl = new OnlineDdl(connection, _patience, blockers =>
            logger.StepBlocked(runId, step.ToString(), (long)_patience.Waited.TotalMilliseconds, blockers));
        if (await ddl.TryExecuteAsync(step, state, cancellationToken))
        {
            logger.StepDone(runId, step.ToString(), state.ToString(), ddl.Attempts,
                (long)_patience.Waited.TotalMilliseconds, Math.Round(ddl.Held.TotalMilliseconds, 1));
        }
    }

    private async Task BackfillAsync(Guid runId, VoiceIdState state, CancellationToken cancellationToken)
    {
        if (++_backfills > MaxBackfills)
        {
            throw new UnsupportedSchemaException($"{state.Table}.voice_id got new NULLs after {MaxBackfills} backfills: "
                + "a writer keeps sending NULL. Stop it or make it leave the column out, then start again");
        }

        await new Backfill(connection, options, _patience, time, logger).RunAsync(runId, state, cancellationToken);
    }

    private static bool IsNullFoundByValidation(MigrationStep step, PostgresException failure) =>
        step is MigrationStep.ValidateCheck && SqlFailure.StateOf(failure) == PostgresErrorCodes.CheckViolation;
}
