using VoiceWorker.Contracts;
using VoiceWorker.Voices;

namespace VoiceWorker.Changes;

/// <summary>Whether a change of voice is made: last writer wins, by when it was changed and not by when it
/// arrived.</summary>
public static class ChangePolicy
{
    /// <summary>Why a change is not made; null when it is.</summary>
    /// <param name="change">Its voice id normalized.</param>
    /// <param name="stored">What the database says of the business.</param>
    /// <param name="standing">The latest change that was made to it, if any.</param>
    /// <param name="catalogue">What can be spoken with.</param>
    public static ChangeRejection? Reject(
        BusinessVoiceChanged change, StoredVoice stored, (DateTimeOffset ChangedAt, string VoiceId)? standing,
        VoiceCatalogue catalogue)
    {
        if (!stored.BusinessExists)
            return ChangeRejection.UnknownBusiness;
        if (!catalogue.IsSupported(change.VoiceId))
            return ChangeRejection.UnsupportedVoice;
        return standing is { } latest && IsEarlier(change, latest) ? ChangeRejection.Superseded : null;
    }

    // At the same instant the voice id decides, so that every order of arrival ends the same. Ordinal, as the
    // database's byte order for the lower-case ASCII of the catalogue.
    private static bool IsEarlier(BusinessVoiceChanged change, (DateTimeOffset ChangedAt, string VoiceId) latest) =>
        change.ChangedAt < latest.ChangedAt
        || (change.ChangedAt == latest.ChangedAt && string.CompareOrdinal(change.VoiceId, latest.VoiceId) < 0);
}
