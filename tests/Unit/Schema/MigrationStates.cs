using VoiceWorker.Persistence.Schema;

namespace VoiceWorker.Tests.Unit.Schema;

/// <summary>Every state of <c>business.voice_id</c> that a database can be in, as far as the plan tells them apart.</summary>
internal static class MigrationStates
{
    private static readonly string[] Types =
    [
        "character varying(16)", "character varying(32)", "character varying(64)", "character varying(1000)",
        "character varying", "text", "integer",
    ];

    private static readonly bool[] NoAndYes = [false, true];

    private static readonly string?[] Defaults = [null, MigrationPlan.TargetDefault, "'nova'::character varying"];

    public static VoiceIdState Absent { get; } = new() { Table = "public.business", KeyColumn = "id" };

    public static VoiceIdState Target { get; } = Absent with
    {
        Type = "character varying(32)", IsNotNull = true, Default = "'ash'::character varying",
    };

    /// <summary>The column half-way: nullable, without a default, with NULLs.</summary>
    public static VoiceIdState Bare { get; } = Absent with { Type = "character varying(32)", HasNulls = true };

    public static IReadOnlyList<VoiceIdState> Supported { get; } =
        [.. Possible().Where(state => state.Type is null or "character varying(16)" or "character varying(32)")];

    public static IReadOnlyList<VoiceIdState> Foreign { get; } = [.. Possible().Except(Supported)];

    // NOT NULL and a valid CHECK exclude NULLs.
    private static IEnumerable<VoiceIdState> Possible() =>
        (from type in Types
         from isNotNull in NoAndYes
         from defaultValue in Defaults
         from hasNulls in NoAndYes
         from check in Enum.GetValues<CheckState>()
         where !(hasNulls && (isNotNull || check is CheckState.Valid))
         select Absent with
         {
             Type = type, IsNotNull = isNotNull, Default = defaultValue, HasNulls = hasNulls, Check = check,
             CheckName = check is CheckState.None ? null : "business_voice_id_not_null",
         }).Prepend(Absent);
}
