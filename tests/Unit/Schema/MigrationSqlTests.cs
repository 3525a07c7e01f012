using System.Text.RegularExpressions;
using VoiceWorker.Persistence.Schema;

namespace VoiceWorker.Tests.Unit.Schema;

public sealed partial class MigrationSqlTests
{
    private static readonly MigrationStep[] FillSteps = [MigrationStep.Backfill, MigrationStep.CopyToShadow];

    private static readonly MigrationStep[] TriggerSteps =
    [
        MigrationStep.AddShadow, MigrationStep.SwapShadow, MigrationStep.DropShadow, MigrationStep.AddCapture,
        MigrationStep.RemoveCapture,
    ];

    private static readonly MigrationStep[] DdlSteps =
        [.. Enum.GetValues<MigrationStep>().Except([MigrationStep.None, MigrationStep.Unsupported, .. FillSteps])];

    [Fact]
    public void A_step_is_one_statement_without_IF_NOT_EXISTS() => Assert.All(
        DdlSteps.Except([.. TriggerSteps, MigrationStep.NarrowColumn]), step =>
        {
            var sql = MigrationSql.Of(step, MigrationStates.Bare);

            Assert.StartsWith("ALTER TABLE public.business ", sql, StringComparison.Ordinal);
            Assert.DoesNotContain("IF ", sql, StringComparison.Ordinal);
            Assert.DoesNotContain(";", sql, StringComparison.Ordinal);
        });

    [Theory]
    [InlineData(MigrationStep.None)]
    [InlineData(MigrationStep.Backfill)]
    [InlineData(MigrationStep.CopyToShadow)]
    [InlineData(MigrationStep.Unsupported)]
    public void What_is_no_ddl_step_has_no_statement(MigrationStep step) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => MigrationSql.Of(step, MigrationStates.Bare));

    [Fact]
    public void A_step_either_changes_the_catalog_or_fills_rows() => Assert.All(
        Enum.GetValues<MigrationStep>(), step => Assert.Equal(FillSteps.Contains(step), Fill.Of(step) is not null));

    [Fact]
    public void A_script_has_one_transaction_for_each_step_of_the_plan() => Assert.All(MigrationStates.Supported, state =>
    {
        var script = MigrationScript.OfVoiceId(state);

        Assert.Equal(MigrationPlan.Remaining(state).Count, Transaction().Count(script));
    });

    [Fact]
    public void The_script_of_an_unsupported_state_says_why_and_changes_nothing() => Assert.All(
        MigrationStates.Foreign, state =>
            Assert.Equal($"-- {MigrationPlan.Explain(state)}\n", MigrationScript.OfVoiceId(state)));

    [Fact]
    public void A_script_stops_at_an_error_and_makes_nobody_queue_for_a_lock()
    {
        var script = MigrationScript.Of(new PendingWork([], NeedsEventStore: false, MigrationStates.Bare, HasOpenRun: false), "");

        Assert.Contains("\\set ON_ERROR_STOP on", script, StringComparison.Ordinal);
        Assert.Contains("SET lock_timeout = '3s';", script, StringComparison.Ordinal);
        Assert.All(
            script.Split('\n').Where(line => line.Contains("ACCESS EXCLUSIVE", StringComparison.Ordinal)),
            line => Assert.EndsWith("NOWAIT;", line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_script_names_the_steps_for_the_audit_event() => Assert.All(MigrationStates.Supported, state =>
    {
        var script = MigrationScript.OfVoiceId(state);

        Assert.All(MigrationPlan.Remaining(state), step => Assert.Contains($"steps || '{step}'::text", script, StringComparison.Ordinal));
    });

    [Theory]
    [InlineData(MigrationStep.Backfill, "voice_id IS NULL")]
    [InlineData(MigrationStep.CopyToShadow, "voice_id_58 IS DISTINCT FROM voice_id")]
    public void A_batch_waits_for_nobody_and_touches_only_the_rows_that_it_is_due_for(MigrationStep step, string where)
    {
        var sql = Fill.Of(step)!.Batch(MigrationStates.Bare with { KeyColumn = "\"Id\"" });

        Assert.Contains("FOR NO KEY UPDATE SKIP LOCKED", sql, StringComparison.Ordinal);
        Assert.Contains($"\"Id\" > $1 AND \"Id\" <= $2 AND {where}", sql, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^(BEGIN;|DO \$\$ DECLARE)", RegexOptions.Multiline)]
    private static partial Regex Transaction();
}
