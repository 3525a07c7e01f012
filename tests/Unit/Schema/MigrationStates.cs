using VoiceWorker.Persistence.Schema;

namespace VoiceWorker.Tests.Unit.Schema;

/// <summary>Every state of <c>business.voice_id</c> that a database can be in, as far as the plan tells them apart.</summary>
internal static class MigrationStates
{
    private static readonly string[] Narrower = ["character varying(16)", "character varying(31)"];

    private static readonly string[] Wider =
        ["character varying(33)", "character varying(64)", "character varying(1000)", "character varying", "text"];

    private static readonly string[] Others = ["integer", "character(32)", "voice", "character varying(32)[]"];

    private static readonly bool[] NoAndYes = [false, true];

    /// <summary>The shadow with whether it differs anywhere.</summary>
    private static readonly (ShadowState State, bool HasUncopied)[] Shadows =
    [
        (ShadowState.None, false), (ShadowState.Broken, false), (ShadowState.Filling, true), (ShadowState.Filling, false),
        (ShadowState.Checked, true), (ShadowState.Checked, false), (ShadowState.Proven, false),
    ];

    public static VoiceIdState Absent { get; } = new() { Table = "public.business", KeyColumn = "id" };

    public static VoiceIdState Target { get; } = Absent with
    {
        Type = "character varying(32)", IsNotNull = true, Default = "'ash'::character varying",
    };

    /// <summary>The column half-way: nullable, without a default, with NULLs.</summary>
    public static VoiceIdState Bare { get; } = Absent with { Type = "character varying(32)", HasNulls = true };

    /// <summary>A type to be narrowed in a large table, and nothing else.</summary>
    public static VoiceIdState Wide { get; } = Target with { Type = "text", Default = "'ash'::text" };

    /// <summary>Absent, narrower or right, and what a shadow column may have left there.</summary>
    public static IReadOnlyList<VoiceIdState> WithoutDrift { get; } =
        [.. Of([.. Narrower, ColumnType.Target]).Prepend(Absent).SelectMany(WithShadows)];

    /// <summary>Wider, in small tables and in large ones, with the shadow in every state.</summary>
    public static IReadOnlyList<VoiceIdState> WithDrift { get; } =
        [.. Of(Wider).SelectMany(state => NoAndYes.Select(isSmall => state with { IsSmall = isSmall })).SelectMany(WithShadows)];

    public static IReadOnlyList<VoiceIdState> Supported { get; } = [.. WithoutDrift, .. WithDrift];

    public static IReadOnlyList<VoiceIdState> Foreign { get; } = [.. Of(Others)];

    private static IEnumerable<VoiceIdState> WithShadows(VoiceIdState state) =>
        Shadows.Select(shadow => state with { Shadow = shadow.State, HasUncopied = shadow.HasUncopied });

    // NOT NULL and a valid CHECK exclude NULLs.
    private static IEnumerable<VoiceIdState> Of(string[] types) =>
        from type in types
        from isNotNull in NoAndYes
        from defaultValue in DefaultsOf(type)
        from hasNulls in NoAndYes
        from check in Enum.GetValues<CheckState>()
        where !(hasNulls && (isNotNull || check is CheckState.Valid))
        select Absent with
        {
            Type = type, IsNotNull = isNotNull, Default = defaultValue, HasNulls = hasNulls, Check = check,
            CheckName = check is CheckState.None ? null : "business_voice_id_not_null",
        };

    private static string?[] DefaultsOf(string type) => type == "text"
        ? [null, "'ash'::text", "'nova'::text"]
        : [null, "'ash'::character varying", "'nova'::character varying"];
}
