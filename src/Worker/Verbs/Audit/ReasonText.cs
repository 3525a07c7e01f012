using VoiceWorker.Contracts;
using VoiceWorker.Persistence;

namespace VoiceWorker.Verbs.Audit;

/// <summary>Why something is as it is, in one sentence for people who do not know the words of the contracts.</summary>
internal static class ReasonText
{
    /// <summary>Of an event; null for one that says it all itself.</summary>
    public static string? Of(AuditEvent told) => told switch
    {
        CallVoiceResolved call => Of(call.Reason, call.StoredVoiceId),
        BusinessVoiceUpdated change => "The change was made" + Outside(change.ChangedOutside),
        BusinessVoiceChangeRejected { Reason: var reason } change =>
            Of(reason).TrimEnd('.') + Outside(change.ChangedOutside),
        OperatorActed act => Of(act.Result),
        _ => null,
    };

    /// <summary>Why a call got its voice.</summary>
    /// <param name="stored">The stored voice, when it was not used.</param>
    public static string Of(VoiceReason reason, string? stored) => reason switch
    {
        VoiceReason.BusinessVoice => "The call got the voice that its business had stored.",
        VoiceReason.UnknownBusiness => "There was no such business, so the call got the default voice.",
        VoiceReason.NoVoice => "The business had no voice stored, so the call got the default voice.",
        VoiceReason.UnsupportedVoice =>
            $"The business had a voice stored that Voices:Available does not have{Quoted(stored)}, so the call got the "
            + "default voice.",
        VoiceReason.DatabaseUnavailable =>
            "The database had not answered when the caller had to be (Replies:Deadline), so the call got the default "
            + "voice.",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };

    /// <summary>Why a change was not made.</summary>
    public static string Of(ChangeRejection reason) => reason switch
    {
        ChangeRejection.UnknownBusiness => "There was no such business, so nothing was changed.",
        ChangeRejection.UnsupportedVoice => "Voices:Available does not have the voice, so nothing was changed.",
        ChangeRejection.Superseded => "A later change already stood, so nothing was changed.",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };

    /// <summary>How an act of an operator ended.</summary>
    public static string Of(OperatorActResult result) => result switch
    {
        OperatorActResult.Done => "All that was asked for was done.",
        OperatorActResult.Incomplete => "A part of what was asked for could not be done, or came back.",
        OperatorActResult.Rejected => "The change was rejected, and is recorded as such.",
        OperatorActResult.Interrupted => "It was ended early; the counts say what was done by then.",
        OperatorActResult.Failed => "It failed; the counts say what was done by then.",
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, null),
    };

    private static string Quoted(string? stored) => stored is null ? "" : $" ('{PeerText.Line(stored)}')";

    private static string Outside(bool isChanged) => isChanged
        ? "; since the last recorded change the application had changed the voice itself." : ".";
}
