using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.Voices;

/// <summary>The voices that can be spoken with, compared without case after trimming, and spelled as
/// configured.</summary>
internal sealed class VoiceCatalogue
{
    /// <summary>Longest voice id, in characters.</summary>
    public const int MaxLength = ContractRules.MaxVoiceIdLength;

    private static readonly string[] Known =
    [
        "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer",
        "verse",
    ];

    private readonly Dictionary<string, string> _spellings = new(StringComparer.Ordinal);

    public VoiceCatalogue(VoiceOptions options)
    {
        var available = options.Available.Length > 0 ? options.Available : Known;
        foreach (var voice in available.OfType<string>())
            _spellings.TryAdd(Normalize(voice), voice.Trim());
        Default = Spell(options.Default);
    }

    /// <summary>The default voice, as the catalogue spells it.</summary>
    public string Default { get; }

    /// <summary>All of them, as they are spelled.</summary>
    public IReadOnlyCollection<string> Voices => _spellings.Values;

    /// <summary>Whether a voice can be spoken with.</summary>
    public bool IsSupported(string voiceId) => _spellings.ContainsKey(Normalize(voiceId));

    /// <summary>The form in which a voice is stored and sent: the catalogue's, or the compared one when it has
    /// none.</summary>
    public string Spell(string voiceId) => _spellings.GetValueOrDefault(Normalize(voiceId), Normalize(voiceId));

    /// <summary>The form in which voices are compared.</summary>
    public static string Normalize(string voiceId) => voiceId.Trim().ToLowerInvariant();

    public static bool AreEqual(string one, string other) => Normalize(one) == Normalize(other);
}

/// <summary>Section <c>Voices</c>: what the speech provider accepts at the moment.</summary>
internal sealed class VoiceOptions : IValidatableObject
{
    /// <summary>The voice of a call whose business has none that can be used.</summary>
    [Required(ErrorMessage = "a voice of Voices:Available, such as ash")]
    public string Default { get; set; } = "ash";

    /// <summary>The catalogue; when empty, the thirteen known voices. Replaces them as a whole.</summary>
    public string[] Available { get; set; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var bad = Array.FindIndex(
            Available, voice => string.IsNullOrWhiteSpace(voice) || voice.Trim().Length > VoiceCatalogue.MaxLength);
        if (bad >= 0)
        {
            yield return new ValidationResult(
                $"Voices:Available has an entry of {Available[bad]?.Length ?? 0} characters; "
                + $"each must have 1 to {VoiceCatalogue.MaxLength}.");
        }

        if (!new VoiceCatalogue(this).IsSupported(Default))
            yield return new ValidationResult("Voices:Default must be one of Voices:Available.");
    }
}

internal static class VoiceRegistration
{
    public static IServiceCollection AddVoices(this IServiceCollection services) => services
        .AddSingleton(provider => new VoiceCatalogue(provider.GetRequiredService<IOptions<VoiceOptions>>().Value));
}
