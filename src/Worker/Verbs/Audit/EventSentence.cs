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
        CallVoiceResolved call => $"Voice {call.VoiceId}. {ReasonText.Of(call)}",
        BusinessVoiceUpdated change => $"The voice became {change.VoiceId}; before it was "
            + $"{change.PreviousVoiceId ?? "none"}{Outside(change.ChangedOutside)}.",
        BusinessVoiceChangeRejected change =>
            $"A change to {change.VoiceId} was asked for. {ReasonText.Of(change)}",
        SchemaMigrated run => string.Create(CultureInfo.InvariantCulture,
            $"The migration {run.Migration} took {run.DurationMs:N0} ms; {run.RowsBackfilled:N0} rows were filled."),
        HistoryLost loss => $"{loss.Lost.Count} published events were lost with a database; "
            + $"{loss.Lost.Count(one => one.RecordedAgain)} of them are recorded again.",
        TrailSealed seal => string.Create(CultureInfo.InvariantCulture,
            $"{Terminal.Count(seal.Events, "event")} of {Terminal.Count(seal.Streams, "stream")} sealed, "
            + $"{seal.EventsInAll:N0} in all."),
        OperatorActed act => $"{act.Operator} did {act.Verb}: {WireName.Of(act.Result)}"
            + (act.Note is { } note ? $", “{note}”." : "."),
        _ => told.GetType().Name,
    });

    private static string Outside(bool changedOutside) =>
        changedOutside ? ", which no recorded change had set" : "";
}
