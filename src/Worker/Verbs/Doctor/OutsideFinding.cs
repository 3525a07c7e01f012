using System.Globalization;
using VoiceWorker.Persistence.Businesses;
using VoiceWorker.Persistence.Schema;

namespace VoiceWorker.Verbs.Doctor;

/// <summary>Whether the stored voices are what the history says.</summary>
internal static class OutsideFinding
{
    /// <summary>Businesses that are named.</summary>
    public const int Named = 10;

    private const string Check = "postgres.voices";

    /// <summary>How long to look at the most; <c>audit verify</c> looks at all.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static Finding Of(DirectChanges direct, OutsideVoiceCount outside)
    {
        var seen = outside.IsComplete ? "" : " (not every business was looked at: see audit verify)";
        if (outside.Count == 0)
        {
            return Finding.Ok(Check, $"every business has the voice that its last recorded change left{seen}"
                + (direct is DirectChanges.Capture ? "; what the application writes itself is recorded" : ""));
        }

        var first = string.Join(", ", outside.First.Select(
            one => $"{one.BusinessId} has {one.StoredVoiceId ?? "none"}, recorded {one.RecordedVoiceId}"));
        return Finding.Warning(
            Check,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{outside.Count:N0} {(outside.Count == 1 ? "business has" : "businesses have")} another voice than "
                + $"the last recorded change left{seen}: {first}{(outside.Count > outside.First.Count ? ", …" : "")}"),
            direct is DirectChanges.Capture
                ? "find out who writes past the triggers (see the log of PostgreSQL); voice set settles it"
                : "let the writer publish BusinessVoiceChanged, or set Changes:Direct=Capture; voice set settles it");
    }
}
