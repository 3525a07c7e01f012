namespace VoiceWorker.Persistence.Schema;

/// <summary>What is known of <c>business.voice_id</c> at one moment: all that the plan depends on.</summary>
public sealed record VoiceIdState
{
    /// <summary>The quoted, qualified name of the table; null when there is no such table.</summary>
    public string? Table { get; init; }

    /// <summary>pg_class.relkind; <c>r</c> is an ordinary table.</summary>
    public char TableKind { get; init; } = 'r';

    /// <summary>Whether the current role may alter the table.</summary>
    public bool IsOwner { get; init; } = true;

    /// <summary>The quoted name of the integer primary key that a backfill goes along; null when there is
    /// none.</summary>
    public string? KeyColumn { get; init; }

    /// <summary>The column's type as format_type writes it; null when the column is absent.</summary>
    public string? Type { get; init; }

    /// <summary>attnotnull.</summary>
    public bool IsNotNull { get; init; }

    /// <summary>The default's expression as pg_get_expr writes it; null when there is none.</summary>
    public string? Default { get; init; }

    /// <summary>State of the helper constraint.</summary>
    public CheckState Check { get; init; }

    /// <summary>The quoted name of the helper constraint, by whatever script it was made.</summary>
    public string? CheckName { get; init; }

    /// <summary>State of the shadow column.</summary>
    public ShadowState Shadow { get; init; }

    /// <summary>Whether the table is so small that a wider type is changed in place. Only looked for at such a
    /// type.</summary>
    public bool IsSmall { get; init; }

    /// <summary>What keeps PostgreSQL from changing the type, such as a view. Only looked for at another
    /// type.</summary>
    public string? Pins { get; init; }

    /// <summary>All that would go with the column, such as an index. Only looked for at another type.</summary>
    public string? Dependents { get; init; }

    /// <summary>Why the column can be neither altered nor written, such as that it is generated; null when it
    /// can.</summary>
    public string? Unalterable { get; init; }

    /// <summary>Why no business can be found by its id, such as that it is a uuid; null when it can.</summary>
    public string? WrongId { get; init; }

    /// <summary>What is to become of the application's own changes.</summary>
    public DirectChanges Wanted { get; init; }

    /// <summary>State of the triggers that record them.</summary>
    public CaptureState Capture { get; init; }

    /// <summary>Whether any row has NULL. Only looked for where the column allows it.</summary>
    public bool HasNulls { get; init; }

    /// <summary>How many values do not fit, and where; null when there is none. Only looked for at a wider
    /// type.</summary>
    public string? TooLong { get; init; }

    /// <summary>Whether the shadow differs anywhere. Only looked for where its CHECK does not exclude it.</summary>
    public bool HasUncopied { get; init; }

    /// <summary>This catalog with what was found in the rows before.</summary>
    /// <param name="before">An earlier inspection.</param>
    public VoiceIdState WithRowsOf(VoiceIdState before) => this with
    {
        HasNulls = before.HasNulls, TooLong = before.TooLong, HasUncopied = before.HasUncopied,
    };

    /// <summary>For logs: what there is, in a line.</summary>
    public override string ToString() => Type is null
        ? "absent"
        : $"{Type} {(IsNotNull ? "not null" : "nullable")}, default {Default ?? "none"}, "
          + $"{(HasNulls ? "with" : "without")} NULLs, check {Check}"
          + (Shadow is ShadowState.None ? "" : $", shadow {Shadow}")
          + (Capture is CaptureState.None ? "" : $", capture {Capture}");
}

/// <summary>The triggers that record what the application writes itself.</summary>
public enum CaptureState
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>Something of them is missing, switched off, or of another version.</summary>
    Outdated,

    /// <summary>They fire as this version makes them, but no longer always: ENABLE TRIGGER ALL, such as after a
    /// restore, leaves them so. No reason for a worker not to start.</summary>
    Weakened,

    /// <summary>They are as this version makes them.</summary>
    Installed,
}

/// <summary>The helper constraint <c>CHECK (voice_id IS NOT NULL)</c>, which lets SET NOT NULL skip its scan.</summary>
public enum CheckState
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>New rows obey it, old ones were not looked at (NOT VALID).</summary>
    NotValidated,

    /// <summary>All rows obey it.</summary>
    Valid,
}

/// <summary>The shadow column, which takes the place of a <c>voice_id</c> that is too wide to be converted in
/// place.</summary>
public enum ShadowState
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>Something of it is missing or switched off, so that nothing is known of its values.</summary>
    Broken,

    /// <summary>Its trigger keeps new values equal; old ones are being copied.</summary>
    Filling,

    /// <summary>A CHECK, not yet validated, keeps it equal.</summary>
    Checked,

    /// <summary>It is proven equal, and can be swapped in.</summary>
    Proven,
}
