using Microsoft.Extensions.Logging;
using Npgsql;

namespace VoiceWorker.Persistence.Schema;

/// <summary>Migration 58: inspect → plan → one step, until the target stands; then its audit event.</summary>
internal sealed class VoiceIdMigration(
    NpgsqlConnection connection, MigrationOptions options, DirectChanges wanted, TimeProvider time, ILogger logger,
    IProgress<StepProgress>? progress, AppliedWork applied)
{
    // A step comes round again when a writer was faster; a writer that is always faster is not to be waited for.
    private const int MaxRounds = 4;

    private readonly LockPatience _patience = new(time, options.LockBudget);
    private readonly Dictionary<MigrationStep, int> _rounds = [];

    /// <summary>Does nothing, and records nothing, when the target stands already.</summary>
    public async Task RunAsync(Guid runId, CancellationToken cancellationToken)
    {
        var state = await Catalog.InspectAsync(connection, wanted, cancellationToken);
        for (var step = MigrationPlan.Next(state); step is not MigrationStep.None; step = MigrationPlan.Next(state))
        {
            EnsurePossible(step, state);
            await MigrationRunTable.OpenAsync(connection, runId, time.GetUtcNow(), cancellationToken);
            await MigrationRunTable.AddStepAsync(connection, step, cancellationToken);
            state = await ExecuteAsync(
                new StepReport(logger, progress, time, runId, step, state), step, state, cancellationToken);
        }

        // Also the run that a file of the worker's own schema has left.
        while (await MigrationRunTable.CompleteAsync(connection, time.GetUtcNow(), cancellationToken) is { } done)
        {
            applied.Completed++;
            logger.MigrationComplete(runId, done.Migration, string.Join(", ", done.Steps), done.RowsBackfilled);
        }
    }

    private void EnsurePossible(MigrationStep step, VoiceIdState state)
    {
        if (step is MigrationStep.Unsupported)
            throw new UnsupportedSchemaException(MigrationPlan.Explain(state));
        if ((_rounds[step] = _rounds.GetValueOrDefault(step) + 1) > MaxRounds)
        {
            throw new UnsupportedSchemaException($"{state.Table}.voice_id needs {step} again after {MaxRounds} times: "
                + "somebody changes it meanwhile, or a writer keeps sending NULL. Stop that, then start again");
        }
    }

    private async Task<VoiceIdState> ExecuteAsync(
        StepReport report, MigrationStep step, VoiceIdState state, CancellationToken cancellationToken)
    {
        report.Begun();
        try
        {
            if (Fill.Of(step) is null)
                await AlterAsync(report, step, state, cancellationToken);
            else
                await FillAsync(report, step, state, cancellationToken);
            applied.Steps++;
        }
        catch (PostgresException failure)
        {
            report.Failed(failure);
            if (!IsWriterFaster(step, failure))
            {
                if (SqlFailure.Of(failure) is { Kind: FailureKind.Data } refusal)
                    throw Refused(step, state, refusal);
                throw;
            }
        }
        finally
        {
            applied.Rows += report.Rows;
        }

        var after = await Catalog.InspectAsync(connection, wanted, cancellationToken);
        report.Done(after);
        return after;
    }

    // What the application has made refuses it, today and at the next start.
    private static UnsupportedSchemaException Refused(MigrationStep step, VoiceIdState state, Failure refusal) => new(
        $"{state.Table} refuses {step}: {refusal.Words}. Change the constraint or the trigger of the application that "
        + $"does so (the default voice is {MigrationPlan.DefaultVoice}), then start again");

    private async Task AlterAsync(
        StepReport report, MigrationStep step, VoiceIdState state, CancellationToken cancellationToken)
    {
        var ddl = new OnlineDdl(connection, _patience, report.Blocked);
        try
        {
            if (!await ddl.TryExecuteAsync(step, state, cancellationToken))
                report.NotDueAnyMore();
        }
        finally
        {
            report.Locked(ddl.Attempts, ddl.Waited, ddl.Held, ddl.Blockers);
        }
    }

    private async Task FillAsync(
        StepReport report, MigrationStep step, VoiceIdState state, CancellationToken cancellationToken)
    {
        var filler = new RowFiller(connection, options, _patience, time, report);
        await filler.RunAsync(step, state, cancellationToken);
    }

    // A value came in just before: a NULL that the CHECK finds, or one that does not fit. The next inspection sees it
    // too.
    private static bool IsWriterFaster(MigrationStep step, PostgresException failure) => step switch
    {
        MigrationStep.ValidateCheck or MigrationStep.ValidateShadow =>
            SqlFailure.StateOf(failure) == PostgresErrorCodes.CheckViolation,
        MigrationStep.NarrowColumn or MigrationStep.CopyToShadow =>
            SqlFailure.StateOf(failure) == PostgresErrorCodes.StringDataRightTruncation,
        _ => false,
    };
}
