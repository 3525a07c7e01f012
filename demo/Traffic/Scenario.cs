using System.Security.Cryptography;
using System.Text.Json.Nodes;
using RabbitMQ.Client;

namespace VoiceWorker.Demo.Traffic;

/// <summary>Calls and changes of voice, one after the other, each with the answer and the event that it must have.</summary>
internal sealed class Scenario(
    IConnection connection, PlainClient client, AuditTrail audit, Checklist checklist, TimeProvider time)
{
    private const string Migration = "58_add_business_voice_id";
    private const int UnknownBusiness = 4711;
    private const int Repeats = 5;

    // Calls of earlier runs have other ids.
    private readonly string _run = RandomNumberGenerator.GetHexString(6, lowercase: true);
    private int _calls;

    public async Task PlayAsync(CancellationToken cancellationToken)
    {
        await ExpectEventAsync("SchemaMigrated", e => e.Field("migration") == Migration, Migration, cancellationToken);

        await CallAsync(1, "ash businessVoice", "the migration's default", cancellationToken);
        await ChangeAsync(2, "coral", TimeSpan.Zero, "updated", cancellationToken);
        await CallAsync(2, "coral businessVoice", "its new voice", cancellationToken);
        await ChangeAsync(2, "sage", TimeSpan.FromHours(-1), "superseded", cancellationToken);
        await ChangeAsync(2, "hal9000", TimeSpan.Zero, "unsupportedVoice", cancellationToken);
        await ChangeAsync(UnknownBusiness, "coral", TimeSpan.Zero, "unknownBusiness", cancellationToken);
        await CallAsync(UnknownBusiness, "ash unknownBusiness", "no such business", cancellationToken);
        await CallAsync(3, "ash noVoice", "stored is ''", cancellationToken);
        await CallAsync(4, "ash unsupportedVoice", "stored is 'hal9000'", cancellationToken);
        var repeated = await CallAsync(5, "ash businessVoice", "delivered five times, answered equally", cancellationToken, Repeats);
        await SendMalformedAsync(cancellationToken);
        // Events are published in the order of their commits: after this one no event of a call before it can follow.
        await CallAsync(2, "coral businessVoice", "the older change left it alone", cancellationToken);

        var recorded = audit.Events().Where(e => e.Field("callId") == repeated).Select(e => e.Id).Distinct().Count();
        checklist.Expect(recorded == 1, $"one event for {Repeats} deliveries of {repeated}; there were {recorded}");
        CheckSequences();
    }

    private async Task<string> CallAsync(
        int businessId, string expected, string why, CancellationToken cancellationToken, int times = 1)
    {
        var callId = $"CA-{_run}-{++_calls}";
        var message = Messages.CallStarted(callId, businessId, time.GetUtcNow());
        var sent = time.GetTimestamp();
        var replies = await client.AskAsync(Messages.CallStartedExchange, message, times, cancellationToken);
        var answer = replies.Count == 0 ? null : JsonNode.Parse(replies[0]);
        Screen.Line("call", $"business-{businessId,-6}{callId,-13} -> {answer?["voiceId"],-8}{answer?["source"],-9}"
            + $"{answer?["reason"],-17}{time.GetElapsedTime(sent).TotalMilliseconds,4:0} ms  {why}", "yellow");

        var got = answer is null ? "no answer" : $"{answer["voiceId"]} {answer["reason"]}";
        checklist.Expect(got == expected, $"{callId} (business {businessId}): answer {expected}; it was: {got}");
        checklist.Expect(replies.Count == times && replies.Distinct().Count() == 1,
            $"{callId}: {times} equal answers; there were {replies.Count}: {string.Join(" ", replies.Distinct())}");
        await ExpectEventAsync("CallVoiceResolved", e => e.Field("callId") == callId && e.Stream == $"business-{businessId}"
            && $"{e.Field("voiceId")} {e.Field("reason")}" == expected, $"{callId}, {expected}", cancellationToken);
        return callId;
    }

    private async Task ChangeAsync(
        int businessId, string voiceId, TimeSpan shift, string expected, CancellationToken cancellationToken)
    {
        Screen.Line("change", $"business-{businessId,-6}{voiceId,-13} -> to be {expected}", "yellow");
        var message = Messages.BusinessVoiceChanged(businessId, voiceId, time.GetUtcNow() + shift);
        await client.SendAsync(Messages.BusinessVoiceChangedExchange, message, cancellationToken);
        var (type, reason) = expected == "updated"
            ? ("BusinessVoiceUpdated", "")
            : ("BusinessVoiceChangeRejected", expected);
        await ExpectEventAsync(type, e => e.Stream == $"business-{businessId}" && e.Field("voiceId") == voiceId
            && e.Field("reason") == reason, $"{voiceId} for business {businessId}, {expected}", cancellationToken);
    }

    private async Task SendMalformedAsync(CancellationToken cancellationToken)
    {
        var json = Messages.Malformed($"CA-{_run}-{++_calls}");
        Screen.Line("broken", $"{json}; waiting for it in {ErrorQueue.Name}", "yellow");
        await client.SendAsync(Messages.CallStartedExchange, json, cancellationToken);
        var reason = await ErrorQueue.TakeReasonAsync(connection, _run, cancellationToken) ?? "";
        foreach (var rule in reason.Split("; "))
            Screen.Line("", $"{ErrorQueue.ReasonHeader}: {rule}", "yellow");
        foreach (var field in new[] { "callId:", "businessId:", "startedAt:" })
            checklist.Expect(reason.Contains(field, StringComparison.Ordinal), $"{field} in {ErrorQueue.ReasonHeader}");
    }

    private async Task ExpectEventAsync(
        string type, Func<AuditEvent, bool> isIt, string about, CancellationToken cancellationToken)
    {
        var come = await audit.WaitForAsync(e => e.Type == type && isIt(e), cancellationToken);
        checklist.Expect(come is not null, $"event {type}: {about}");
    }

    private void CheckSequences()
    {
        var problems = SequenceCheck.FindProblems(audit.Events()).ToList();
        checklist.Expect(problems.Count == 0, $"sequences without a gap: {string.Join("; ", problems)}");
        if (problems.Count == 0)
            Screen.Line("streams", $"without a gap: {SequenceCheck.Describe(audit.Events())}", "teal");
    }
}
