namespace VoiceWorker.Persistence.Schema;

/// <summary>Migration 58 as a pure function: what is there → the one step that is due. Inspect, do it, inspect
/// again.</summary>
internal static class MigrationPlan
{
    /// <summary>The migration's name in audit events and logs.</summary>
    public const string Name = "58_add_business_voice_id";

    /// <summary>The voice that rows without one get.</summary>
    public const string DefaultVoice = "ash";

    /// <summary>The column's default, as pg_get_expr writes it.</summary>
    public const string TargetDefault = $"'{DefaultVoice}'::character varying";

    private const string TextDefault = $"'{DefaultVoice}'::text";

    /// <summary>The next step; None at the target, and also when there is no table: then verification names
    /// it.</summary>
    /// <param name="state">As inspected just now.</param>
    public static MigrationStep Next(VoiceIdState state) => state switch
    {
        { Table: null } => MigrationStep.None,
        { TableKind: not 'r' } or { WrongId: not null } => MigrationStep.Unsupported,
        { Unalterable: not null } when !IsInheritedTarget(state) => MigrationStep.Unsupported,
        { Capture: not CaptureState.None } when !CanCapture(state) => MigrationStep.RemoveCapture,
        _ when IsShadowUseless(state) => MigrationStep.DropShadow,
        { Type: null } => MigrationStep.AddColumn,
        _ when Obstacle(state) is not null => MigrationStep.Unsupported,
        _ when ColumnType.IsNarrower(state.Type) => MigrationStep.WidenColumn,
        _ when !HasTargetDefault(state) => MigrationStep.SetDefault,
        { HasNulls: true, Check: CheckState.NotValidated } => MigrationStep.DropCheckOverNulls,
        { HasNulls: true } => MigrationStep.Backfill,
        { IsNotNull: false, Check: CheckState.None } => MigrationStep.AddCheck,
        { IsNotNull: false, Check: CheckState.NotValidated } => MigrationStep.ValidateCheck,
        { IsNotNull: false } => MigrationStep.SetNotNull,
        { Check: not CheckState.None } => MigrationStep.DropCheck,
        // The type comes last: then default and NOT NULL change hands with the column, and no NULL slips in between.
        { Type: not ColumnType.Target } => NextOfWider(state),
        { Wanted: DirectChanges.Capture } when LacksCapture(state) => MigrationStep.AddCapture,
        _ => MigrationStep.None,
    };

    private static bool CanCapture(VoiceIdState state) =>
        state is { Wanted: DirectChanges.Capture, Type: ColumnType.Target };

    private static bool LacksCapture(VoiceIdState state) =>
        state is { Capture: CaptureState.None or CaptureState.Outdated }
            or { Capture: CaptureState.Weakened, IsOwner: true };

    // What comes from a parent is its parent's to change, and is as good as any other once it is at the target.
    private static bool IsInheritedTarget(VoiceIdState state) => state is
    {
        Type: ColumnType.Target, IsNotNull: true, Default: TargetDefault, Check: CheckState.None,
        Shadow: ShadowState.None,
    };

    private static MigrationStep NextOfWider(VoiceIdState state) => state switch
    {
        { Shadow: ShadowState.None, IsSmall: true } => MigrationStep.NarrowColumn,
        { Shadow: ShadowState.None } => MigrationStep.AddShadow,
        { Shadow: ShadowState.Filling, HasUncopied: true } => MigrationStep.CopyToShadow,
        { Shadow: ShadowState.Filling } => MigrationStep.AddShadowCheck,
        { Shadow: ShadowState.Checked } => MigrationStep.ValidateShadow,
        _ => MigrationStep.SwapShadow,
    };

    /// <summary>All steps from a state to the target, if nothing else happens meanwhile.</summary>
    /// <param name="state">As inspected.</param>
    public static IReadOnlyList<MigrationStep> Remaining(VoiceIdState state)
    {
        var steps = new List<MigrationStep>();
        for (var step = Next(state); step is not MigrationStep.None; step = Next(state))
        {
            steps.Add(step);
            if (step is MigrationStep.Unsupported)
                break;
            state = After(state, step);
        }

        return steps;
    }

    /// <summary>The state that a step leaves behind.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="step">The step that was due.</param>
    public static VoiceIdState After(VoiceIdState state, MigrationStep step) => step switch
    {
        MigrationStep.DropShadow => state with { Shadow = ShadowState.None, HasUncopied = false },
        MigrationStep.AddColumn => state with { Type = ColumnType.Target, IsNotNull = true, Default = TargetDefault },
        MigrationStep.WidenColumn => state with { Type = ColumnType.Target },
        MigrationStep.SetDefault =>
            state with { Default = state.Type is ColumnType.Text ? TextDefault : TargetDefault },
        MigrationStep.DropCheckOverNulls or MigrationStep.DropCheck =>
            state with { Check = CheckState.None, CheckName = null },
        MigrationStep.Backfill => state with { HasNulls = false },
        MigrationStep.AddCheck => state with { Check = CheckState.NotValidated },
        MigrationStep.ValidateCheck => state with { Check = CheckState.Valid },
        MigrationStep.SetNotNull => state with { IsNotNull = true },
        MigrationStep.AddShadow => state with { Shadow = ShadowState.Filling, HasUncopied = true },
        MigrationStep.CopyToShadow => state with { HasUncopied = false },
        MigrationStep.AddShadowCheck => state with { Shadow = ShadowState.Checked },
        MigrationStep.ValidateShadow => state with { Shadow = ShadowState.Proven },
        MigrationStep.NarrowColumn or MigrationStep.SwapShadow => state with
        {
            Type = ColumnType.Target, Default = TargetDefault, IsSmall = false, Dependents = null,
            Shadow = ShadowState.None,
        },
        MigrationStep.RemoveCapture => state with { Capture = CaptureState.None },
        MigrationStep.AddCapture => state with { Capture = CaptureState.Installed },
        _ => state,
    };

    /// <summary>Why a state is unsupported, and what its owner can do.</summary>
    /// <param name="state">One whose next step is Unsupported, or becomes it.</param>
    public static string Explain(VoiceIdState state) => state switch
    {
        { TableKind: not 'r' } => $"{state.Table} is {KindOf(state.TableKind)}, not an ordinary table. "
            + "Let Migration:Schema name the schema of the table itself",
        { WrongId: { } why } => $"{state.Table} {why}, and the worker finds a business by an integer in id. "
            + "Let Migration:Schema name the schema of the table that has one",
        { Unalterable: { } why } => $"{state.Table}.voice_id can be neither altered nor written as the worker does it: "
            + $"{why}. {CureOf(state)}",
        _ => Obstacle(state) ?? $"{state.Table}.voice_id is in a state that is not known",
    };

    private static string KindOf(char kind) => kind switch
    {
        'v' => "a view",
        'm' => "a materialized view",
        'f' => "a foreign table",
        'p' => "a partitioned table",
        _ => $"a relation of kind {kind}",
    };

    private static string CureOf(VoiceIdState state) => state.Type is null
        ? "Add the column by hand, then start again"
        : $"Make it an ordinary column, such as by ALTER TABLE {state.Table} RENAME COLUMN voice_id TO "
            + "voice_id_before; then start again";

    // Looked at before anything is changed: what stops the last step stops the first.
    private static string? Obstacle(VoiceIdState state) => state switch
    {
        { Type: null or ColumnType.Target } => MissingKey(state),
        _ when !ColumnType.IsNarrower(state.Type) && !ColumnType.IsWider(state.Type) =>
            $"{Drift(state)}. Convert or rename the column, then start again",
        { TooLong: { } rows } => $"{Drift(state)}, and {rows}. Shorten them, then start again",
        { Pins: { } pins } =>
            $"{Drift(state)}, and PostgreSQL does not change a type under {pins}. Drop that, then start again",
        { IsSmall: false, Dependents: { } dependents } when ColumnType.IsWider(state.Type) =>
            $"{Drift(state)}, and the table is too large to change it in place; with the old column would go "
            + $"{dependents}. Drop that, start again, and make it anew",
        _ => MissingKey(state),
    };

    private static string? MissingKey(VoiceIdState state) =>
        state.KeyColumn is null && (state.HasNulls || NeedsShadow(state))
            ? $"{state.Table} has no single integer primary key to fill voice_id along"
            : null;

    private static bool NeedsShadow(VoiceIdState state) =>
        ColumnType.IsWider(state.Type) && state is not { IsSmall: true, Shadow: ShadowState.None };

    private static string Drift(VoiceIdState state) =>
        $"{state.Table}.voice_id has the type {state.Type}, expected {ColumnType.Target}";

    private static bool IsShadowUseless(VoiceIdState state) => state.Shadow switch
    {
        ShadowState.None => false,
        ShadowState.Broken => true,
        ShadowState.Filling => !ColumnType.IsWider(state.Type) || Obstacle(state) is not null,
        _ => !ColumnType.IsWider(state.Type) || Obstacle(state) is not null || state.HasUncopied,
    };

    private static bool HasTargetDefault(VoiceIdState state) =>
        state.Default is TargetDefault || state is { Type: ColumnType.Text, Default: TextDefault };
}
