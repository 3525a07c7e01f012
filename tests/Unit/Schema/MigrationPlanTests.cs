using VoiceWorker.Persistence.Schema;

namespace VoiceWorker.Tests.Unit.Schema;

public sealed class MigrationPlanTests
{
    private const int EveryStepOnce = 14;

    [Fact]
    public void There_are_as_many_states_as_the_table_of_migration_58_has()
    {
        // 3 defaults × (nullable: 3 checks without NULLs, 2 with them; NOT NULL: 3 checks) = 24 states a type; × 7 of the
        // shadow; a wider type also × small and large.
        Assert.Equal((1 + (3 * 24)) * 7, MigrationStates.WithoutDrift.Count);
        Assert.Equal(5 * 24 * 2 * 7, MigrationStates.WithDrift.Count);
        Assert.Equal(4 * 24, MigrationStates.Foreign.Count);
    }

    [Fact]
    public void Every_supported_state_ends_at_the_same_target() => Assert.All(MigrationStates.Supported, state =>
        Assert.Equal(MigrationStates.Target, Walk(state).Last().After with { CheckName = null }));

    [Fact]
    public void No_supported_state_needs_a_step_twice() => Assert.All(MigrationStates.Supported, state =>
    {
        var steps = MigrationPlan.Remaining(state);

        Assert.Equal(steps.Distinct(), steps);
        Assert.InRange(steps.Count, 0, EveryStepOnce);
        Assert.DoesNotContain(MigrationStep.Unsupported, steps);
    });

    [Fact]
    public void The_target_needs_nothing() => Assert.Empty(MigrationPlan.Remaining(MigrationStates.Target));

    [Fact]
    public void An_absent_column_is_added_in_one_step() =>
        Assert.Equal([MigrationStep.AddColumn], MigrationPlan.Remaining(MigrationStates.Absent));

    [Fact]
    public void The_longest_way_goes_through_every_step_in_order()
    {
        var worst = MigrationStates.Bare with { Type = "character varying(16)", Check = CheckState.NotValidated };

        Assert.Equal(
            [
                MigrationStep.WidenColumn, MigrationStep.SetDefault, MigrationStep.DropCheckOverNulls, MigrationStep.Backfill,
                MigrationStep.AddCheck, MigrationStep.ValidateCheck, MigrationStep.SetNotNull, MigrationStep.DropCheck,
            ],
            MigrationPlan.Remaining(worst));
    }

    [Fact]
    public void The_longest_way_of_a_wider_type_ends_with_the_swap() => Assert.Equal(
        [
            MigrationStep.DropShadow, MigrationStep.SetDefault, MigrationStep.DropCheckOverNulls, MigrationStep.Backfill,
            MigrationStep.AddCheck, MigrationStep.ValidateCheck, MigrationStep.SetNotNull, MigrationStep.DropCheck,
            MigrationStep.AddShadow, MigrationStep.CopyToShadow, MigrationStep.AddShadowCheck, MigrationStep.ValidateShadow,
            MigrationStep.SwapShadow,
        ],
        MigrationPlan.Remaining(MigrationStates.Bare with { Type = "text", Check = CheckState.NotValidated, Shadow = ShadowState.Broken }));

    [Fact]
    public void A_small_table_is_changed_in_place() => Assert.Equal(
        [MigrationStep.NarrowColumn], MigrationPlan.Remaining(MigrationStates.Wide with { IsSmall = true }));

    [Fact]
    public void The_column_is_complete_before_it_is_replaced()
    {
        AssertBeforeEvery(MigrationStep.AddShadow, IsComplete);
        AssertBeforeEvery(MigrationStep.SwapShadow, state => IsComplete(state) && state is { Shadow: ShadowState.Proven, HasUncopied: false });
        AssertBeforeEvery(MigrationStep.NarrowColumn, IsComplete);
    }

    [Fact]
    public void A_shadow_is_copied_to_before_it_is_checked_and_checked_before_it_is_proven()
    {
        AssertBeforeEvery(MigrationStep.AddShadowCheck, state => state is { Shadow: ShadowState.Filling, HasUncopied: false });
        AssertBeforeEvery(MigrationStep.ValidateShadow, state => state is { Shadow: ShadowState.Checked, HasUncopied: false });
    }

    [Fact]
    public void A_shadow_that_is_of_no_use_goes_before_anything_else() => Assert.All(
        MigrationStates.Supported.Where(state => state.Shadow is not ShadowState.None && (state.Shadow is ShadowState.Broken
            || state.Type is null or "character varying(16)" or "character varying(32)")),
        state => Assert.Equal(MigrationStep.DropShadow, MigrationPlan.Next(state)));

    [Fact]
    public void A_value_that_does_not_fit_stops_the_migration_which_leaves_no_shadow_behind() => Assert.All(
        MigrationStates.WithDrift.Where(state => state.Shadow is not ShadowState.Proven)
            .Select(state => state with { TooLong = "2 of its values are longer than 32 characters (id 3, 7)" }), state =>
        {
            MigrationStep[] expected = state.Shadow is ShadowState.None
                ? [MigrationStep.Unsupported] : [MigrationStep.DropShadow, MigrationStep.Unsupported];

            Assert.Equal(expected, MigrationPlan.Remaining(state));
            Assert.Contains("2 of its values are longer than 32 characters (id 3, 7)", MigrationPlan.Explain(state), StringComparison.Ordinal);
        });

    [Fact]
    public void What_PostgreSQL_would_refuse_is_refused_before_anything_is_done() => Assert.All(
        MigrationStates.Supported.Where(state => state is { Type: not null and not "character varying(32)", Shadow: ShadowState.None })
            .Select(state => state with { Pins = "rule _RETURN on view voices", Dependents = "rule _RETURN on view voices" }), state =>
        {
            Assert.Equal([MigrationStep.Unsupported], MigrationPlan.Remaining(state));
            Assert.Contains("rule _RETURN on view voices", MigrationPlan.Explain(state), StringComparison.Ordinal);
        });

    [Fact]
    public void What_would_be_lost_with_the_old_column_is_refused_in_a_large_table_only() => Assert.All(
        MigrationStates.Supported.Where(state => state is { Type: not null and not "character varying(32)", Shadow: ShadowState.None })
            .Select(state => state with { Dependents = "index by_voice" }), state => Assert.Equal(
                ColumnType.IsWider(state.Type) && !state.IsSmall, MigrationPlan.Next(state) is MigrationStep.Unsupported));

    [Fact]
    public void Nothing_is_backfilled_before_new_rows_get_the_default() => AssertBeforeEvery(
        MigrationStep.Backfill, HasDefault);

    [Fact]
    public void Nothing_is_backfilled_under_a_check_that_fails_the_writes_of_the_application() => AssertBeforeEvery(
        MigrationStep.Backfill, state => state.Check is CheckState.None);

    [Fact]
    public void No_check_is_added_or_validated_while_there_are_NULLs()
    {
        AssertBeforeEvery(MigrationStep.AddCheck, state => !state.HasNulls && state.Check is CheckState.None);
        AssertBeforeEvery(MigrationStep.ValidateCheck, state => !state.HasNulls);
    }

    [Fact]
    public void NOT_NULL_is_set_under_a_valid_check_only_so_that_it_scans_nothing() =>
        AssertBeforeEvery(MigrationStep.SetNotNull, state => state.Check is CheckState.Valid);

    [Fact]
    public void A_check_is_dropped_at_the_end_only_when_NOT_NULL_stands() =>
        AssertBeforeEvery(MigrationStep.DropCheck, state => state.IsNotNull);

    [Fact]
    public void Values_and_bounds_of_another_type_are_left_alone() => Assert.All(MigrationStates.Foreign, state =>
    {
        Assert.Equal([MigrationStep.Unsupported], MigrationPlan.Remaining(state));
        Assert.Contains(state.Type!, MigrationPlan.Explain(state), StringComparison.Ordinal);
    });

    [Fact]
    public void Without_a_table_there_is_nothing_to_migrate() => Assert.Empty(MigrationPlan.Remaining(new VoiceIdState()));

    [Theory]
    [InlineData('v')]
    [InlineData('m')]
    [InlineData('f')]
    [InlineData('p')]
    public void What_is_no_ordinary_table_is_left_alone(char kind) => Assert.All(
        MigrationStates.Supported.Select(state => state with { TableKind = kind }), state =>
        {
            Assert.Equal([MigrationStep.Unsupported], MigrationPlan.Remaining(state));
            Assert.Contains("not an ordinary table", MigrationPlan.Explain(state), StringComparison.Ordinal);
        });

    [Fact]
    public void A_table_without_an_integer_key_is_unsupported_only_if_rows_are_to_be_filled() => Assert.All(
        MigrationStates.Supported.Select(state => state with { KeyColumn = null }), state =>
        {
            var steps = MigrationPlan.Remaining(state);

            Assert.DoesNotContain(MigrationStep.Backfill, steps);
            Assert.DoesNotContain(MigrationStep.CopyToShadow, steps);
            Assert.Equal(
                state.HasNulls || (ColumnType.IsWider(state.Type) && !state.IsSmall), steps.Contains(MigrationStep.Unsupported));
        });

    // migrate --plan and the refusal explain the state that was inspected, not the one that the last step starts from.
    [Fact]
    public void A_missing_key_is_given_as_the_reason_whatever_steps_come_before()
    {
        var state = MigrationStates.Bare with { Type = "character varying(16)", KeyColumn = null };
        var pending = new PendingWork([], NeedsEventStore: false, state, HasOpenRun: false);

        Assert.Contains(pending.Describe(), line => line.Contains("primary key", StringComparison.Ordinal));
    }

    private static bool IsComplete(VoiceIdState state) =>
        state is { IsNotNull: true, HasNulls: false, Check: CheckState.None } && HasDefault(state);

    private static bool HasDefault(VoiceIdState state) =>
        state.Default == (state.Type == "text" ? "'ash'::text" : "'ash'::character varying");

    private static void AssertBeforeEvery(MigrationStep step, Func<VoiceIdState, bool> condition)
    {
        var due = MigrationStates.Supported.SelectMany(Walk).Where(walked => walked.Step == step).ToList();

        Assert.NotEmpty(due);
        Assert.All(due, walked => Assert.True(condition(walked.Before), walked.Before.ToString()));
    }

    private static IEnumerable<(VoiceIdState Before, MigrationStep Step, VoiceIdState After)> Walk(VoiceIdState state)
    {
        foreach (var step in MigrationPlan.Remaining(state).Append(MigrationStep.None))
        {
            var after = MigrationPlan.After(state, step);
            yield return (state, step, after);
            state = after;
        }
    }
}
