using VoiceWorker.Persistence.Schema;

namespace VoiceWorker.Tests.Unit.Schema;

public sealed class MigrationSqlTests
{
    private static readonly MigrationStep[] DdlSteps =
        [.. Enum.GetValues<MigrationStep>().Except([MigrationStep.None, MigrationStep.Backfill, MigrationStep.Unsupported])];

    [Fact]
    public void A_step_is_one_statement_without_IF_NOT_EXISTS() => Assert.All(DdlSteps, step =>
    {
        var sql = MigrationSql.Of(step, MigrationStates.Bare);

        Assert.StartsWith("ALTER TABLE public.business ", sql, StringComparison.Ordinal);
        Assert.DoesNotContain("IF ", sql, StringComparison.Ordinal);
        Assert.DoesNotContain(";", sql, StringComparison.Ordinal);
    });

    [Theory]
    [InlineData(MigrationStep.None)]
    [InlineData(MigrationStep.Backfill)]
    [InlineData(MigrationStep.Unsupported)]
    public void What_is_no_ddl_step_has_no_statement(MigrationStep step) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => MigrationSql.Of(step, MigrationStates.Bare));

    [Fact]
    public void Each_step_leaves_the_state_that_the_plan_expects() => Assert.All(MigrationStates.Supported, state =>
    {
        var table = new PretendTable(state);
        for (var step = MigrationPlan.Next(state); step is not MigrationStep.None; step = MigrationPlan.Next(state))
        {
            var expected = MigrationPlan.After(state, step);
            table.Run(step is MigrationStep.Backfill
                ? "DO $$ UPDATE public.business SET voice_id = 'ash' $$;"
                : MigrationSql.Of(step, state) + ";");
            state = table.State;

            Assert.Equal(expected with { CheckName = null }, state with { CheckName = null });
        }
    });

    [Fact]
    public void A_script_takes_every_supported_state_to_the_target_with_one_statement_a_step() => Assert.All(
        MigrationStates.Supported, state =>
        {
            var table = new PretendTable(state);
            table.Run(MigrationSql.Script(state));

            Assert.Equal(MigrationStates.Target, table.State);
            Assert.Equal(MigrationPlan.Remaining(state).Count, table.Statements);
        });

    [Fact]
    public void A_script_copes_with_a_check_that_somebody_else_has_named() => Assert.All(
        MigrationStates.Supported.Where(state => state.Check is not CheckState.None), state =>
        {
            var table = new PretendTable(state with { CheckName = "voice_id_is_there" });
            table.Run(MigrationSql.Script(state with { CheckName = "voice_id_is_there" }));

            Assert.Equal(MigrationStates.Target, table.State);
        });

    [Fact]
    public void The_script_of_an_unsupported_state_says_why_and_changes_nothing() => Assert.All(MigrationStates.Foreign, state =>
    {
        var table = new PretendTable(state);
        var script = MigrationSql.Script(state);
        table.Run(script);

        Assert.Equal(state, table.State);
        Assert.Contains("-- " + MigrationPlan.Explain(state), script, StringComparison.Ordinal);
    });

    [Fact]
    public void A_script_stops_at_an_error_and_never_waits_long_for_a_lock()
    {
        var script = MigrationSql.Script(MigrationStates.Bare);

        Assert.Contains("\\set ON_ERROR_STOP on", script, StringComparison.Ordinal);
        Assert.Contains("SET lock_timeout = '3s';", script, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_of_the_backfill_waits_for_nobody_and_touches_rows_without_a_voice_only()
    {
        var sql = MigrationSql.BackfillBatch(MigrationStates.Bare with { KeyColumn = "\"Id\"" });

        Assert.Contains("FOR NO KEY UPDATE SKIP LOCKED", sql, StringComparison.Ordinal);
        Assert.Contains("\"Id\" > $1 AND \"Id\" <= $2 AND voice_id IS NULL", sql, StringComparison.Ordinal);
    }
}
