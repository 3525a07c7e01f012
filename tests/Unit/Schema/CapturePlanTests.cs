using VoiceWorker.Persistence.Schema;

namespace VoiceWorker.Tests.Unit.Schema;

/// <summary>The triggers of Changes:Direct=Capture in the plan of migration 58.</summary>
public sealed class CapturePlanTests
{
    private static readonly VoiceIdState Wanting = MigrationStates.Target with { Wanted = DirectChanges.Capture };

    [Fact]
    public void From_every_state_they_come_last_and_stay() => Assert.All(
        WithTriggers(DirectChanges.Capture), state =>
        {
            var steps = MigrationPlan.Remaining(state);

            Assert.Equal(steps.Distinct(), steps);
            Assert.Equal(
                MigrationStates.Target with { Wanted = DirectChanges.Capture, Capture = CaptureState.Installed },
                steps.Aggregate(state, MigrationPlan.After) with { CheckName = null });
            Assert.True(steps.Count == 0 || steps[^1] is MigrationStep.AddCapture || state.Capture is CaptureState.Installed);
        });

    [Fact]
    public void From_every_state_they_go_when_they_are_not_wanted() => Assert.All(
        WithTriggers(DirectChanges.Report), state => Assert.Equal(
            MigrationStates.Target, MigrationPlan.Remaining(state).Aggregate(state, MigrationPlan.After) with { CheckName = null }));

    [Theory]
    [InlineData(CaptureState.None, "AddCapture")]
    [InlineData(CaptureState.Outdated, "AddCapture")]
    [InlineData(CaptureState.Installed, "")]
    public void At_the_target_they_are_added_when_anything_is_not_as_it_should_be(CaptureState capture, string steps) =>
        Assert.Equal(steps, string.Join(", ", MigrationPlan.Remaining(Wanting with { Capture = capture })));

    [Theory]
    [InlineData(true, "AddCapture")]
    [InlineData(false, "")]
    public void Those_that_no_longer_fire_always_keep_no_worker_from_starting(bool isOwner, string steps) =>
        Assert.Equal(steps, string.Join(", ", MigrationPlan.Remaining(
            Wanting with { Capture = CaptureState.Weakened, IsOwner = isOwner })));

    [Fact]
    public void A_type_that_has_to_change_makes_them_go_first() => Assert.Equal(
        [MigrationStep.RemoveCapture, MigrationStep.WidenColumn, MigrationStep.AddCapture],
        MigrationPlan.Remaining(Wanting with { Type = "character varying(16)", Capture = CaptureState.Installed }));

    [Fact]
    public void A_column_of_a_parent_can_have_them() => Assert.Equal(
        [MigrationStep.AddCapture], MigrationPlan.Remaining(Wanting with { Unalterable = "the table is a partition" }));

    [Fact]
    public void Rows_without_a_voice_are_filled_under_them() => Assert.Equal(
        MigrationStep.Backfill,
        MigrationPlan.Next(Wanting with { IsNotNull = false, HasNulls = true, Capture = CaptureState.Installed }));

    private static IEnumerable<VoiceIdState> WithTriggers(DirectChanges wanted) =>
        from state in MigrationStates.Supported
        from capture in Enum.GetValues<CaptureState>()
        where state.Type is not null || capture is CaptureState.None
        select state with { Wanted = wanted, Capture = capture };
}
