using VoiceWorker.Contracts;
using VoiceWorker.Voices;

namespace VoiceWorker.Changes;

/// <summary>Whether a change of voice is made: last writer wins, by when it was changed and not by when it arrived. It
/// cannot have been changed later than it was recorded: a time that lies ahead counts as that.</summary>
internal static class ChangePolicy
{
    /// <summary>The instant that orders a change among others.</summary>
    /// <param name="recordedAt">By the clock of the worker that records it.</param>
    public static DateTimeOffset InstantOf(BusinessVoiceChanged change, DateTimeOffset recordedAt) =>
        InstantOf(change.ChangedAt, recordedAt);

    /// <summary>The same, of what is recorded.</summary>
    public static DateTimeOffset InstantOf(DateTimeOffset changedAt, DateTimeOffset recordedAt) =>
        changedAt < recordedAt ? changedAt : recordedAt;

    /// <summary>Why a change is not made; null when it is.</summary>
    /// <param name="change">Its voice id as the catalogue spells it.</param>
    /// <param name="recordedAt">Now.</param>
    /// <param name="stored">What the database says of the business.</param>
    /// <param name="standing">The latest change that was made to it, with the instant that orders it, if
    /// any.</param>
    public static ChangeRejection? Reject(
        BusinessVoiceChanged change, DateTimeOffset recordedAt, StoredVoice stored,
        (DateTimeOffset At, string VoiceId)? standing, VoiceCatalogue catalogue)
    {
        if (!stored.BusinessExists)
            return ChangeRejection.UnknownBusiness;
        if (!catalogue.IsSupported(change.VoiceId))
            return ChangeRejection.UnsupportedVoice;
        return standing is { } latest && IsEarlier((InstantOf(change, recordedAt), change.VoiceId), latest)
            ? ChangeRejection.Superseded
            : null;
    }

    /// <summary>Whether the stored voice is not what the change that stands has left. Without such a change nothing is
    /// claimed: the business may have had its voice before the worker came.</summary>
    /// <param name="stored">What the database says of the business.</param>
    /// <param name="standingVoiceId">Of the latest change that was made to it, if any.</param>
    public static bool IsChangedOutside(StoredVoice stored, string? standingVoiceId) =>
        stored.BusinessExists && standingVoiceId is not null
        && !VoiceCatalogue.AreEqual(stored.VoiceId ?? "", standingVoiceId);

    /// <summary>Whether a change gives way to another. At the same instant the voice id decides, so that every order of
    /// arrival ends the same: ordinal, as the database's byte order.</summary>
    public static bool IsEarlier(
        (DateTimeOffset At, string VoiceId) change, (DateTimeOffset At, string VoiceId) latest) =>
        change.At < latest.At
        || (change.At == latest.At && string.CompareOrdinal(change.VoiceId, latest.VoiceId) < 0);
}
