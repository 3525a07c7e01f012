using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Calls;
using VoiceWorker.Voices;

namespace VoiceWorker.Calls;

/// <summary>Which voice a call gets: a pure function of what is stored and what is supported.</summary>
internal static class VoicePolicy
{
    /// <param name="stored">What the database says of the business.</param>
    public static VoiceDecision Resolve(StoredVoice stored, VoiceCatalogue catalogue)
    {
        if (!stored.BusinessExists)
            return UseDefault(VoiceReason.UnknownBusiness, null, catalogue);
        if (string.IsNullOrWhiteSpace(stored.VoiceId))
            return UseDefault(VoiceReason.NoVoice, stored.VoiceId, catalogue);
        if (!catalogue.IsSupported(stored.VoiceId))
            return UseDefault(VoiceReason.UnsupportedVoice, stored.VoiceId, catalogue);
        return new VoiceDecision(catalogue.Spell(stored.VoiceId), VoiceSource.Business, VoiceReason.BusinessVoice);
    }

    /// <summary>The answer when a reply is owed before the database answered.</summary>
    public static VoiceDecision WithoutDatabase(VoiceCatalogue catalogue) =>
        UseDefault(VoiceReason.DatabaseUnavailable, null, catalogue);

    private static VoiceDecision UseDefault(VoiceReason reason, string? storedVoiceId, VoiceCatalogue catalogue) =>
        new(catalogue.Default, VoiceSource.Default, reason, storedVoiceId);
}
