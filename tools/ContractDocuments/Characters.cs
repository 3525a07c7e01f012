using System.Text;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.ContractDocuments;

/// <summary>
/// The characters that the rules tell apart, as classes of a regular expression. Written out, because not every engine
/// knows Unicode's categories; up to U+FFFF, because not every engine counts beyond.
/// </summary>
internal static class Characters
{
    private static readonly BusinessVoiceChanged Valid = new(1, "ash", DateTimeOffset.UnixEpoch);

    /// <summary>What no text may hold, without the brackets.</summary>
    public static string Unprintable { get; } = Class(character => !IsPrintable(character));

    /// <summary>What is trimmed, without the brackets.</summary>
    public static string WhiteSpace { get; } = Class(char.IsWhiteSpace);

    /// <summary>What the rules say of a character.</summary>
    /// <param name="character">Not half of a pair.</param>
    public static bool IsPrintable(char character) => char.IsSurrogate(character)
        || ContractRules.Check(Valid with { ChangedBy = character.ToString() }).Count == 0;

    private static string Class(Func<char, bool> belongs)
    {
        var ranges = new StringBuilder();
        for (var first = 0; first <= char.MaxValue; first++)
        {
            if (!belongs((char)first))
                continue;
            var last = first;
            while (last < char.MaxValue && belongs((char)(last + 1)))
                last++;
            ranges.Append((char)first);
            if (last > first + 1)
                ranges.Append('-');
            if (last > first)
                ranges.Append((char)last);
            first = last;
        }

        return ranges.ToString();
    }
}
