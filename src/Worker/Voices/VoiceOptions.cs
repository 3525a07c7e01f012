using System.ComponentModel.DataAnnotations;

namespace VoiceWorker.Voices;

/// <summary>Section <c>Voices</c>: what the speech provider accepts at the moment.</summary>
public sealed class VoiceOptions : IValidatableObject
{
    /// <summary>The voice of a call whose business has none that can be used.</summary>
    [Required(ErrorMessage = "Voices:Default must be a voice of Voices:Available, such as ash.")]
    public string Default { get; set; } = "ash";

    /// <summary>The catalogue; when empty, the thirteen known voices. Replaces them as a whole.</summary>
    public string[] Available { get; set; } = [];

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var bad = Array.FindIndex(
            Available, voice => string.IsNullOrWhiteSpace(voice) || voice.Trim().Length > VoiceCatalogue.MaxLength);
        if (bad >= 0)
            yield return new ValidationResult($"Voices:Available has an entry of {Available[bad]?.Length ?? 0} characters; each must have 1 to {VoiceCatalogue.MaxLength}.");
        if (!new VoiceCatalogue(this).IsSupported(Default))
            yield return new ValidationResult("Voices:Default must be one of Voices:Available.");
    }
}
