using System.Globalization;
using System.Text.RegularExpressions;

namespace VoiceWorker.Persistence.Schema;

/// <summary>What the type of <c>voice_id</c> means for the migration. Types are written as format_type writes
/// them.</summary>
internal static partial class ColumnType
{
    /// <summary>The column's type at the target.</summary>
    public const string Target = "character varying(32)";

    /// <summary>Characters that a value can have at the target.</summary>
    public const int TargetLength = 32;

    /// <summary>The type that takes a text of any length.</summary>
    public const string Text = "text";

    private const string Unlimited = "character varying";

    /// <summary>Whether it becomes the target by a change of the catalog alone.</summary>
    /// <param name="type">Null when there is no column.</param>
    public static bool IsNarrower(string? type) => LengthOf(type) < TargetLength;

    /// <summary>Whether its values have to be looked at, because they need not fit into the target.</summary>
    /// <param name="type">Null when there is no column.</param>
    public static bool IsWider(string? type) => type is Text or Unlimited || LengthOf(type) > TargetLength;

    private static int? LengthOf(string? type) =>
        type is not null && VaryingLength().Match(type) is { Success: true } match
        ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
        : null;

    [GeneratedRegex(@"^character varying\((\d{1,9})\)$")]
    private static partial Regex VaryingLength();
}
