using System.Text.Json;
using Microsoft.Extensions.Logging;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Client.Requests;

/// <summary>A change whose producer waits for its result, or only for its confirm.</summary>
internal sealed class ChangeRequest(BusinessVoiceChanged change, TimeSpan timeout, bool needsReply, ILogger logger)
    : Request(
        Exchanges.BusinessVoiceChanged,
        JsonSerializer.SerializeToUtf8Bytes(change, ContractsJson.Default.BusinessVoiceChanged), timeout)
{
    private readonly TaskCompletionSource<VoiceChange> _result =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<VoiceChange> Result => _result.Task;

    // It is to be made, however late.
    public override bool Expires => false;

    public override bool NeedsReply => needsReply;

    public override void Expire(string trouble)
    {
        if (!Settle())
            return;
        if (IsConfirmed)
            _result.SetResult(Answers.Queued(change));
        else
            _result.SetException(new NotConfirmedException(Refusal ?? trouble, change.ChangedAt));
    }

    protected override bool Read(string? type, ReadOnlyMemory<byte> reply)
    {
        try
        {
            var result = Answers.ReadChange(change, type, reply, logger);
            var isFirst = Settle();
            if (isFirst)
                _result.SetResult(result);
            return isFirst;
        }
        catch (ContractException broken)
        {
            var isFirst = Settle();
            if (isFirst)
                _result.SetException(broken);
            return isFirst;
        }
    }

    protected override void Cancel(CancellationToken cancellationToken)
    {
        if (Settle())
            _result.SetCanceled(cancellationToken);
    }
}
