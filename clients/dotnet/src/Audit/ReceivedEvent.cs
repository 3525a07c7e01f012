using System.Text.Json;
using VoiceWorker.Contracts;

namespace VoiceWorker.Client.Audit;

/// <summary>An audit event as it came.</summary>
/// <param name="Type">Its AMQP type, such as <c>CallVoiceResolved</c>.</param>
/// <param name="Body">Its JSON.</param>
/// <param name="Event">The same as a record of the contracts; null when this version does not know its type or one of
/// its values.</param>
/// <param name="IsReplay">Whether an operator has had it published again.</param>
/// <param name="IsAltered">Whether its hash does not follow on the event before: somebody has altered one of the
/// two.</param>
public sealed record ReceivedEvent(string? Type, JsonElement Body, AuditEvent? Event, bool IsReplay, bool IsAltered)
{
    /// <summary>Such as <c>business-42</c>.</summary>
    public string Stream => Body.GetProperty("stream").GetString()!;

    /// <summary>1, 2, 3 … in its stream.</summary>
    public long Sequence => Body.GetProperty("sequence").GetInt64();
}
