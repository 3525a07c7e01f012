using System.Text.Json;
using Microsoft.Extensions.Logging;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Client.Requests;

/// <summary>A change whose producer waits for its result, or only for its confirm.</summary>
internal sealed class ChangeRequest(BusinessVoiceChanged change, TimeSpan timeout, bool needsReply, ILogger logger)
    : ResultRequest<VoiceChange>(
        Exchanges.BusinessVoiceChanged,
        JsonSerializer.SerializeToUtf8Bytes(change, ContractsJson.Default.BusinessVoiceChanged), timeout)
{
    // It is to be made, however late.
    public override bool Expires => false;

    public override bool NeedsReply => needsReply;

    public override void Expire(string trouble)
    {
        if (IsConfirmed)
            Tell(Answers.Queued(change));
        else
            Fail(new NotConfirmedException(Refusal ?? trouble, change.ChangedAt));
    }

    protected override VoiceChange ReadReply(string? type, ReadOnlyMemory<byte> reply) =>
        Answers.ReadChange(change, type, reply, logger);
}
