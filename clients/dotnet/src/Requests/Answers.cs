using System.Text.Json;
using Microsoft.Extensions.Logging;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Client.Requests;

/// <summary>What a reply means for the caller.</summary>
internal static class Answers
{
    /// <summary>The caller's own default.</summary>
    public static Voice Default(CallStarted call, string voiceId, string reason = Voice.Timeout) =>
        new(voiceId, VoiceSource.Default, reason, call.BusinessId, call.CallId);

    /// <summary>The voice that a reply has. What cannot be understood is no answer; a call that the worker could not
    /// record is nothing that its caller could mend: both get the default.</summary>
    /// <exception cref="ContractException">The call breaks its contract.</exception>
    public static Voice ReadVoice(
        CallStarted call, string? type, ReadOnlyMemory<byte> reply, string defaultVoice, ILogger logger)
    {
        try
        {
            if (type != nameof(CallRefused))
                return VoiceIn(call, reply);
            var (error, broken) = RefusalIn(reply);
            if (error != RefusalError.NotRecorded)
                throw new ContractException(broken);
            logger.CallNotRecorded(call.BusinessId, string.Join("; ", broken.Select(one => one.Rule)));
            return Default(call, defaultVoice, Voice.NotRecorded);
        }
        catch (Exception unreadable) when (IsUnreadable(unreadable))
        {
            logger.ReplyUnreadable(type, unreadable.GetType().Name);
            return Default(call, defaultVoice);
        }
    }

    /// <summary>What a reply says of a change.</summary>
    /// <exception cref="ContractException">The worker refuses it.</exception>
    public static VoiceChange ReadChange(
        BusinessVoiceChanged change, string? type, ReadOnlyMemory<byte> reply, ILogger logger)
    {
        try
        {
            if (type != nameof(ChangeRefused))
                return ResultIn(change, reply);
            var (error, broken) = RefusalIn(reply);
            throw new ContractException(broken, error);
        }
        catch (Exception unreadable) when (IsUnreadable(unreadable))
        {
            logger.ReplyUnreadable(type, unreadable.GetType().Name);
            return Queued(change);
        }
    }

    /// <summary>RabbitMQ keeps it, and nothing more is known.</summary>
    public static VoiceChange Queued(BusinessVoiceChanged change) =>
        new(VoiceChangeOutcome.Queued, change.BusinessId, change.VoiceId, change.ChangedAt);

    // Not by the enumerations of the contracts: a newer worker may have a reason that they do not have.
    private static Voice VoiceIn(CallStarted call, ReadOnlyMemory<byte> reply)
    {
        using var json = JsonDocument.Parse(reply);
        var source = TextIn(json.RootElement, "source") switch
        {
            "business" => VoiceSource.Business,
            "default" => VoiceSource.Default,
            _ => throw new JsonException("it has no source that is known"),
        };
        var (voiceId, reason) = (TextIn(json.RootElement, "voiceId"), TextIn(json.RootElement, "reason"));
        return new Voice(voiceId, source, reason, call.BusinessId, call.CallId);
    }

    private static VoiceChange ResultIn(BusinessVoiceChanged change, ReadOnlyMemory<byte> reply)
    {
        using var json = JsonDocument.Parse(reply);
        var result = json.RootElement;
        var reason = TextIn(result, "outcome") == "updated" ? null : TextIn(result, "reason");
        var outcome = reason switch
        {
            null => VoiceChangeOutcome.Updated,
            "superseded" => VoiceChangeOutcome.Superseded,
            _ => VoiceChangeOutcome.Refused,
        };
        var standing = result.GetProperty("standingVoiceId").GetString();
        return new VoiceChange(
            outcome, change.BusinessId, TextIn(result, "voiceId"), change.ChangedAt, reason, standing);
    }

    private static (RefusalError Error, IReadOnlyList<BrokenField> Broken) RefusalIn(ReadOnlyMemory<byte> reply)
    {
        // Both refusals have the same fields but for what identifies them.
        var refusal = JsonSerializer.Deserialize(reply.Span, ContractsJson.Default.CallRefused);
        if (refusal?.Broken is null || refusal.Broken.Any(one => one?.Field is null || one.Rule is null))
            throw new JsonException("it has no broken rules");
        return (refusal.Error, refusal.Broken);
    }

    private static string TextIn(JsonElement json, string name) =>
        json.GetProperty(name).GetString() is { Length: > 0 } text ? text : throw new JsonException($"{name} is empty");

    // No object, no such field, no text.
    private static bool IsUnreadable(Exception error) =>
        error is JsonException or KeyNotFoundException or InvalidOperationException;
}
