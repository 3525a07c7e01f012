using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Client.Requests;

/// <summary>A call that waits for its voice.</summary>
internal sealed class CallRequest(
    CallStarted call, TimeSpan timeout, string defaultVoice, CallMeter meter, ILogger logger)
    : ResultRequest<Voice>(
        Exchanges.CallStarted, JsonSerializer.SerializeToUtf8Bytes(call, ContractsJson.Default.CallStarted), timeout)
{
    public override bool Expires => true;

    public override bool NeedsReply => true;

    public override void Expire(string trouble) => Tell(Answers.Default(call, defaultVoice));

    protected override Voice ReadReply(string? type, ReadOnlyMemory<byte> reply) =>
        Answers.ReadVoice(call, type, reply, defaultVoice, logger);

    protected override void Note(Voice result) => meter.Count(result.IsAnswer, Stopwatch.GetElapsedTime(StartedAt));
}
