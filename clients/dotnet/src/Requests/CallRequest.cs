using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Client.Requests;

/// <summary>A call that waits for its voice.</summary>
internal sealed class CallRequest(
    CallStarted call, TimeSpan timeout, string defaultVoice, CallMeter meter, ILogger logger)
    : Request(
        Exchanges.CallStarted, JsonSerializer.SerializeToUtf8Bytes(call, ContractsJson.Default.CallStarted), timeout)
{
    // Who blocks on the task is woken at once by whoever settles it; other continuations are not run by that thread.
    private readonly TaskCompletionSource<Voice> _voice = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<Voice> Voice => _voice.Task;

    public override bool Expires => true;

    public override bool NeedsReply => true;

    public override void Expire(string trouble) => Tell(Answers.Default(call, defaultVoice));

    protected override bool Read(string? type, ReadOnlyMemory<byte> reply)
    {
        try
        {
            return Tell(Answers.ReadVoice(call, type, reply, defaultVoice, logger));
        }
        catch (ContractException broken)
        {
            var isFirst = Settle();
            if (isFirst)
                _voice.SetException(broken);
            return isFirst;
        }
    }

    protected override void Cancel(CancellationToken cancellationToken)
    {
        if (Settle())
            _voice.SetCanceled(cancellationToken);
    }

    private bool Tell(Voice voice)
    {
        if (!Settle())
            return false;
        meter.Count(voice.IsAnswer, Stopwatch.GetElapsedTime(StartedAt));
        _voice.SetResult(voice);
        return true;
    }
}
