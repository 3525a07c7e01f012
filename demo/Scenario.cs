using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Example;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Demo;

/// <summary>Calls and changes of voice, one after the other, each with the answer and the event that it must have.
/// </summary>
internal sealed class Scenario(
    RabbitMqServer rabbitMq, LegacyDatabase database, Producer producer, Worker worker, AuditTrail audit)
{
    private const string Migration = "58_add_business_voice_id";
    private const int Nobody = 4711;
    private const int Repeats = 5;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    // Calls of earlier runs have other ids.
    private readonly string _run = RandomNumberGenerator.GetHexString(6, lowercase: true);
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly List<string> _missed = [];
    private int _checked;
    private int _calls;

    /// <summary>0 when every answer and every event came as expected, else 1.</summary>
    public async Task<int> PlayAsync(CancellationToken cancellationToken)
    {
        await ExpectEventAsync(nameof(SchemaMigrated), Migration, e => e["migration"] == Migration, cancellationToken);
        await SendAsync(await database.VoicesAsync(cancellationToken), cancellationToken);
        await ExpectDeadLetterAsync(cancellationToken);
        var (events, streams, missing, repeated) = audit.Prove();
        Screen.Line("proof", $"events {events}, streams {streams}, missing {missing}, repeated {repeated}", "teal");
        Expect(missing == 0 && repeated == 0, "every sequence without a gap");
        var verified = await worker.RunAsync("audit verify", cancellationToken);
        Screen.Line("verify", verified.Split('\n')[0], "teal");
        return Conclude();
    }

    private async Task SendAsync(IReadOnlyDictionary<int, string> voices, CancellationToken cancellationToken)
    {
        var (old, changed) = voices[2] == "coral" ? ("coral", "marin") : ("sage", "coral");
        await CallAsync(1, $"{voices[1]} businessVoice", "as stored; the first finds all cold", cancellationToken);
        await ChangeAsync(2, changed, TimeSpan.Zero, "updated", cancellationToken);
        await CallAsync(2, $"{changed} businessVoice", "its new voice", cancellationToken);
        await ChangeAsync(2, old, TimeSpan.FromHours(-1), "superseded", cancellationToken);
        await ChangeAsync(2, "hal9000", TimeSpan.Zero, "unsupportedVoice", cancellationToken);
        await ChangeAsync(Nobody, "coral", TimeSpan.Zero, "unknownBusiness", cancellationToken);
        await CallAsync(Nobody, "ash unknownBusiness", "no such business", cancellationToken);
        await CallAsync(3, "ash noVoice", "stored is ''", cancellationToken);
        await CallAsync(4, "ash unsupportedVoice", "stored is 'hal9000'", cancellationToken);
        var repeated = await CallAsync(
            5, $"{voices[5]} businessVoice", "delivered five times, answered equally", cancellationToken, Repeats);
        await SendBrokenAsync(cancellationToken);
        // Events come in the order of their commits: after this one none of a call before it can follow.
        await CallAsync(2, $"{changed} businessVoice", "the older change left it alone", cancellationToken);
        var recorded = audit.Count(nameof(CallVoiceResolved), e => e["callId"] == repeated);
        Expect(recorded == 1, $"one event for {Repeats} deliveries of {repeated}; there were {recorded}");
    }

    private async Task<string> CallAsync(
        int businessId, string expected, string why, CancellationToken cancellationToken, int times = 1)
    {
        var call = new CallStarted($"CA-{_run}-{++_calls}", businessId, _time.GetUtcNow());
        var sent = _time.GetTimestamp();
        var answers = await Task.WhenAll(Enumerable.Range(0, times).Select(async _ =>
            Text(await producer.CallAsync(call).WaitAsync(cancellationToken))));
        var took = _time.GetElapsedTime(sent).TotalMilliseconds;
        var answer = $"{answers[0],-25}{took,4:0} ms  {why}";
        Screen.Line("call", $"business-{businessId,-6}{call.CallId,-13} -> {answer}", "yellow");
        Expect(answers.All(expected.Equals), $"{call.CallId}: {expected}; was {string.Join(", ", answers)}");
        await ExpectEventAsync(nameof(CallVoiceResolved), $"{call.CallId}, {expected}", IsIt, cancellationToken);
        return call.CallId;

        bool IsIt(AuditEvent e) => e["callId"] == call.CallId && e["stream"] == $"business-{businessId}"
            && $"{e["voiceId"]} {e["reason"]}" == expected;
    }

    private static string Text(CallVoice answer) =>
        $"{answer.VoiceId} {char.ToLowerInvariant($"{answer.Reason}"[0])}{$"{answer.Reason}"[1..]}";

    private async Task ChangeAsync(
        int businessId, string voiceId, TimeSpan shift, string expected, CancellationToken cancellationToken)
    {
        Screen.Line("change", $"business-{businessId,-6}{voiceId,-13} -> to be {expected}", "yellow");
        var (type, reason) = expected == "updated"
            ? (nameof(BusinessVoiceUpdated), "")
            : (nameof(BusinessVoiceChangeRejected), expected);
        var earlier = audit.Count(type, IsIt);
        var changedAt = _time.GetUtcNow() + shift;
        await producer.ChangeVoiceAsync(new BusinessVoiceChanged(businessId, voiceId, changedAt, "demo"));
        await ExpectEventAsync(type, $"{voiceId} for {businessId}, {expected}", IsIt, cancellationToken, earlier);

        bool IsIt(AuditEvent e) =>
            e["stream"] == $"business-{businessId}" && e["voiceId"] == voiceId && e["reason"] == reason;
    }

    // Plain JSON, as any client would send it: the kit refuses what breaks the contract.
    private async Task SendBrokenAsync(CancellationToken cancellationToken)
    {
        var json = $$"""{"callId":" {{_run}} ","businessId":0}""";
        Screen.Line("broken", json, "yellow");
        var factory = new ConnectionFactory { Uri = rabbitMq.AmqpUri };
        await using var connection = await factory.CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(new(true, true), cancellationToken);
        var body = Encoding.UTF8.GetBytes(json);
        await channel.BasicPublishAsync(Exchanges.CallStarted, "", mandatory: true, body, cancellationToken);
    }

    // It stays in its queue, for somebody to try the verbs on.
    private async Task ExpectDeadLetterAsync(CancellationToken cancellationToken)
    {
        JsonNode? letter = null;
        await Polling.UntilAsync(async token => (letter = await FindDeadLetterAsync(token)) is not null,
            Patience, cancellationToken);
        Screen.Line("letter", $"{letter?["queue"]}, id {letter?["id"]}", "yellow");
        var reason = $"{letter?["reason"]}";
        foreach (var rule in reason.Split("; "))
            Screen.Line("", rule, "yellow");
        foreach (var field in new[] { "callId:", "businessId:", "startedAt:" })
            Expect(reason.Contains(field, StringComparison.Ordinal), $"{field} in the reason of the dead letter");
    }

    private async Task<JsonNode?> FindDeadLetterAsync(CancellationToken cancellationToken) =>
        JsonNode.Parse(await worker.RunAsync("dead-letters list --json", cancellationToken))!.AsArray()
            .FirstOrDefault(letter => $"{letter!["callId"]}".Contains(_run, StringComparison.Ordinal));

    private async Task ExpectEventAsync(
        string type, string about, Func<AuditEvent, bool> isIt, CancellationToken cancellationToken, int earlier = 0)
    {
        var came = await Polling.UntilAsync(
            _ => Task.FromResult(audit.Count(type, isIt) > earlier), Patience, cancellationToken);
        Expect(came, $"event {type}: {about}");
    }

    private void Expect(bool asExpected, string what)
    {
        _checked++;
        if (!asExpected)
            _missed.Add(what);
    }

    private int Conclude()
    {
        if (_missed.Count == 0)
            Screen.Line("result", $"all {_checked} expectations met", "green");
        else
            Screen.Fail($"result  {_missed.Count} of {_checked} expectations not met:");
        _missed.ForEach(what => Screen.Fail($"          {what}"));
        return _missed.Count == 0 ? 0 : 1;
    }
}
