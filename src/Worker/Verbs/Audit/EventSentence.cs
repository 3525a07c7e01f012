using System.Globalization;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Audit;

/// <summary>What an event tells, in a sentence for whoever does not know the contract.</summary>
internal static class EventSentence
{
    public static string Of(AuditEvent told) => PeerText.Line(told switch
    {
        CallVoiceResolved call => $"The call got {call.VoiceId}: {Of(call.Reason, call.StoredVoiceId)}.",
        BusinessVoiceUpdated change => $"The voice became {change.VoiceId}; before it was "
            + $"{change.PreviousVoiceId ?? "none"}{Outside(change.ChangedOutside)}.",
        BusinessVoiceChangeRejected change =>
            $"A change to {change.VoiceId} was not made: {Of(change.Reason)}{Outside(change.ChangedOutside)}.",
        SchemaMigrated run => string.Create(CultureInfo.InvariantCulture,
            $"The migration {run.Migration} was completed in {Terminal.Age(TimeSpan.FromMilliseconds(run.DurationMs))}; {run.RowsBackfilled:N0} rows got the default voice."),
        HistoryLost loss => $"{loss.Lost.Count} published events were lost with a database; "
            + $"{loss.Lost.Count(one => one.RecordedAgain)} of them are recorded again.",
        TrailSealed seal => string.Create(CultureInfo.InvariantCulture,
            $"{seal.Events:N0} events of {seal.Streams:N0} streams were sealed, {seal.EventsInAll:N0} in all."),
        OperatorActed act => $"{act.Operator} did {act.Verb}: {WireName.Of(act.Result)}"
            + (act.Note is { } note ? $", “{note}”." : "."),
        _ => told.GetType().Name,
    });

    /// <summary>Why a call got its voice.</summary>
    public static string Of(VoiceReason reason, string? stored) => reason switch
    {
        VoiceReason.BusinessVoice => "it is the voice of the business",
        VoiceReason.UnknownBusiness => "there is no such business, so it is the default voice",
        VoiceReason.NoVoice => "the business has no voice, so it is the default voice",
        VoiceReason.UnsupportedVoice =>
            $"the stored voice{(stored is null ? "" : $" {stored}")} is not in the catalogue, so it is the default voice",
        VoiceReason.DatabaseUnavailable => "PostgreSQL had not answered in time, so it is the default voice",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };

    /// <summary>Why a change was not made.</summary>
    public static string Of(ChangeRejection rejection) => rejection switch
    {
        ChangeRejection.UnknownBusiness => "there is no such business",
        ChangeRejection.UnsupportedVoice => "the voice is not in the catalogue",
        ChangeRejection.Superseded => "a later change already stood",
        _ => throw new ArgumentOutOfRangeException(nameof(rejection), rejection, null),
    };

    private static string Outside(bool changedOutside) =>
        changedOutside ? ", which no recorded change had set" : "";
}
