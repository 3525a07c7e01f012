using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.Voices;

/// <summary>The voices that can be spoken with, compared after trimming and lower-casing.</summary>
public sealed class VoiceCatalogue
{
    /// <summary>Longest voice id, in characters.</summary>
    public const int MaxLength = ContractRules.MaxVoiceIdLength;

    private static readonly string[] Known =
    [
        "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer",
        "verse",
    ];

    private readonly HashSet<string> _voices;

    /// <summary>The catalogue as configured.</summary>
    /// <param name="options">Valid ones.</param>
    public VoiceCatalogue(VoiceOptions options)
    {
        var available = options.Available.Length > 0 ? options.Available : Known;
        _voices = available.OfType<string>().Select(Normalize).ToHashSet(StringComparer.Ordinal);
        Default = Normalize(options.Default);
    }

    /// <summary>The default voice, normalized.</summary>
    public string Default { get; }

    /// <summary>Whether a voice can be spoken with.</summary>
    /// <param name="voiceId">As stored or sent.</param>
    public bool IsSupported(string voiceId) => _voices.Contains(Normalize(voiceId));

    /// <summary>The form in which voices are compared, stored and sent.</summary>
    /// <param name="voiceId">As stored or sent.</param>
    public static string Normalize(string voiceId) => voiceId.Trim().ToLowerInvariant();
}
