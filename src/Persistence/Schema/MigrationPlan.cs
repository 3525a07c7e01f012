using System.Text.RegularExpressions;

namespace VoiceWorker.Persistence.Schema;

/// <summary>Migration 58 as a pure function: what is there → the one step that is due. Inspect, do it, inspect again.</summary>
public static partial class MigrationPlan
{
    /// <summary>The migration's name in audit events and logs.</summary>
    public const string Name = "58_add_business_voice_id";

    /// <summary>The voice that rows without one get.</summary>
    public const string DefaultVoice = "ash";

    /// <summary>The column's type, as format_type writes it.</summary>
    public const string TargetType = "character varying(32)";

    /// <summary>The column's default, as pg_get_expr writes it.</summary>
    public const string TargetDefault = $"'{DefaultVoice}'::character varying";

    private const int TargetLength = 32;

    /// <summary>The next step; None at the target, and also when there is no table: then verification names it.</summary>
    /// <param name="state">As inspected just now.</param>
    public static MigrationStep Next(VoiceIdState state) => state switch
    {
        { Table: null } => MigrationStep.None,
        { TableKind: not 'r' } => MigrationStep.Unsupported,
        { Type: null } => MigrationStep.AddColumn,
        _ when IsNarrower(state.Type) => MigrationStep.WidenColumn,
        { Type: not TargetType } => MigrationStep.Unsupported,
        _ when !HasTargetDefault(state) => MigrationStep.SetDefault,
        { HasNulls: true, Check: CheckState.NotValidated } => MigrationStep.DropCheckOverNulls,
        { HasNulls: true, KeyColumn: null } => MigrationStep.Unsupported,
        { HasNulls: true } => MigrationStep.Backfill,
        { IsNotNull: false, Check: CheckState.None } => MigrationStep.AddCheck,
        { IsNotNull: false, Check: CheckState.NotValidated } => MigrationStep.ValidateCheck,
        { IsNotNull: false } => MigrationStep.SetNotNull,
        { Check: not CheckState.None } => MigrationStep.DropCheck,
        _ => MigrationStep.None,
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
        MigrationStep.AddColumn => state with { Type = TargetType, IsNotNull = true, Default = TargetDefault },
        MigrationStep.WidenColumn => state with { Type = TargetType },
        MigrationStep.SetDefault => state with { Default = TargetDefault },
        MigrationStep.DropCheckOverNulls or MigrationStep.DropCheck => state with { Check = CheckState.None, CheckName = null },
        MigrationStep.Backfill => state with { HasNulls = false },
        MigrationStep.AddCheck => state with { Check = CheckState.NotValidated },
        MigrationStep.ValidateCheck => state with { Check = CheckState.Valid },
        MigrationStep.SetNotNull => state with { IsNotNull = true },
        _ => state,
    };

    /// <summary>Why a state is unsupported, and what its owner can do.</summary>
    /// <param name="state">One whose next step is Unsupported.</param>
    public static string Explain(VoiceIdState state) => state switch
    {
        { TableKind: not 'r' } => $"{state.Table} is not an ordinary table (relkind {state.TableKind})",
        { Type: { } type and not TargetType } when !IsNarrower(type) => $"{state.Table}.voice_id has the type {state.Type}; "
            + $"expected {TargetType}. Convert or rename the column, then start again",
        _ => $"{state.Table} has no single integer primary key to backfill voice_id along",
    };

    private static bool HasTargetDefault(VoiceIdState state) => state.Default == TargetDefault;

    private static bool IsNarrower(string type) =>
        VaryingLength().Match(type) is { Success: true } match
        && int.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) < TargetLength;

    [GeneratedRegex(@"^character varying\((\d{1,3})\)$")]
    private static partial Regex VaryingLength();
}
