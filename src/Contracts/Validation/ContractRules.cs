using System.Globalization;
using System.Text;

namespace VoiceWorker.Contracts.Validation;

/// <summary>The rules of the incoming messages. Each check returns every broken rule, not the first.</summary>
public static class ContractRules
{
    /// <summary>Longest call id, in characters.</summary>
    public const int MaxCallIdLength = 64;

    /// <summary>Longest voice id, in characters.</summary>
    public const int MaxVoiceIdLength = 32;

    /// <summary>Longest changedBy, in characters.</summary>
    public const int MaxChangedByLength = 128;

    private const string CallIdRule = "required: 1–64 printable characters, no surrounding white space";
    private const string BusinessIdRule = "required: an integer from 1 to 2147483647";
    private const string VoiceIdRule = "required: 1–32 printable characters";
    private const string InstantRule = "required: an RFC 3339 instant with offset, such as 2026-01-31T09:30:00Z";
    private const string ChangedByRule = "optional: at most 128 characters, no control characters";

    /// <summary>What is wrong with a CallStarted; empty when nothing is.</summary>
    /// <param name="message">The message; fields that were missing have their default value.</param>
    public static IReadOnlyList<BrokenRule> Check(CallStarted message)
    {
        var broken = new List<BrokenRule>();
        if (!IsText(message.CallId, MaxCallIdLength) || message.CallId.Trim().Length != message.CallId.Length)
            broken.Add(new BrokenRule("callId", CallIdRule, Count(message.CallId)));
        if (message.BusinessId < 1)
            broken.Add(new BrokenRule("businessId", BusinessIdRule));
        if (message.StartedAt == default)
            broken.Add(new BrokenRule("startedAt", InstantRule));
        return broken;
    }

    /// <summary>What is wrong with a BusinessVoiceChanged; empty when nothing is.</summary>
    /// <param name="message">The message; fields that were missing have their default value.</param>
    public static IReadOnlyList<BrokenRule> Check(BusinessVoiceChanged message)
    {
        var broken = new List<BrokenRule>();
        if (message.BusinessId < 1)
            broken.Add(new BrokenRule("businessId", BusinessIdRule));
        if (!IsText(message.VoiceId?.Trim(), MaxVoiceIdLength))
            broken.Add(new BrokenRule("voiceId", VoiceIdRule, Count(message.VoiceId)));
        if (message.ChangedAt == default)
            broken.Add(new BrokenRule("changedAt", InstantRule));
        if (message.ChangedBy is { } by && !IsShortAndPrintable(by, MaxChangedByLength))
            broken.Add(new BrokenRule("changedBy", ChangedByRule, Count(by)));
        return broken;
    }

    /// <summary>The rule of a field, for a value that could not even be read; null for an unknown field.</summary>
    /// <param name="field">JSON name of the field.</param>
    public static string? RuleOf(string field) => field switch
    {
        "callId" => CallIdRule,
        "businessId" => BusinessIdRule,
        "voiceId" => VoiceIdRule,
        "startedAt" or "changedAt" => InstantRule,
        "changedBy" => ChangedByRule,
        _ => null,
    };

    private static int? Count(string? value) => value?.EnumerateRunes().Count();

    private static bool IsText(string? value, int longest) =>
        !string.IsNullOrWhiteSpace(value) && IsShortAndPrintable(value, longest);

    // Counted in code points, as PostgreSQL does; an unpaired surrogate cannot be stored as UTF-8.
    private static bool IsShortAndPrintable(string value, int longest)
    {
        var count = 0;
        for (var i = 0; i < value.Length; count++)
        {
            if (count == longest || !Rune.TryGetRuneAt(value, i, out var rune) || !IsPrintable(rune))
                return false;
            i += rune.Utf16SequenceLength;
        }

        return true;
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator);
}
