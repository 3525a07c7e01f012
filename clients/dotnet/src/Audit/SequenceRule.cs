using System.Text.Json;
using Microsoft.Extensions.Logging;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Client.Audit;

/// <summary>The rule of sequences of docs/messages.md, over whatever keeps what was handled.</summary>
internal static class SequenceRule
{
    private static readonly Dictionary<string, Type> Types =
        Exchanges.OfAuditEvents.Keys.ToDictionary(type => type.Name, StringComparer.Ordinal);

    /// <summary>Notes an event as handled and returns it; null for a repeat.</summary>
    /// <exception cref="InvalidDataException">It is no event.</exception>
    public static async ValueTask<ReceivedEvent?> TakeAsync(
        IAuditTransaction transaction, Delivery delivery, ILogger logger, CancellationToken cancellationToken)
    {
        var body = Parse(delivery.Body);
        var (stream, sequence) = Position(body);
        var before = await transaction.ProgressAsync(stream, cancellationToken).ConfigureAwait(false);
        var last = before?.Sequence ?? 0;
        if (sequence > last)
            await AdvanceAsync(transaction, body, last, logger, cancellationToken).ConfigureAwait(false);
        else if (!await FillAsync(transaction, stream, sequence, cancellationToken).ConfigureAwait(false))
            return null;
        var isAltered = !HashChain.Follows(delivery.Type, body, before);
        if (isAltered)
            logger.EventAltered(stream, sequence);
        return new ReceivedEvent(delivery.Type, body, Read(delivery.Type, body), delivery.IsReplay, isAltered);
    }

    private static async ValueTask AdvanceAsync(
        IAuditTransaction transaction, JsonElement body, long last, ILogger logger, CancellationToken cancellationToken)
    {
        var (stream, sequence) = Position(body);
        if (sequence > last + 1)
        {
            logger.EventsMissing(stream, last + 1, sequence - 1);
            var gap = new AuditGap(stream, last + 1, sequence - 1);
            await transaction.AddGapAsync(gap, cancellationToken).ConfigureAwait(false);
        }

        var progress = new AuditProgress(sequence, HashChain.HashIn(body));
        await transaction.SetProgressAsync(stream, progress, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<bool> FillAsync(
        IAuditTransaction transaction, string stream, long sequence, CancellationToken cancellationToken)
    {
        var gap = await transaction.RemoveGapAsync(stream, sequence, cancellationToken).ConfigureAwait(false);
        if (gap is null)
            return false;
        if (gap.First < sequence)
            await transaction.AddGapAsync(gap with { Last = sequence - 1 }, cancellationToken).ConfigureAwait(false);
        if (sequence < gap.Last)
            await transaction.AddGapAsync(gap with { First = sequence + 1 }, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private static JsonElement Parse(byte[] body)
    {
        try
        {
            return JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            throw new InvalidDataException("it is no audit event: no JSON");
        }
    }

    private static (string Stream, long Sequence) Position(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object
        && body.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.String
        && body.TryGetProperty("sequence", out var number) && number.ValueKind == JsonValueKind.Number
        && number.TryGetInt64(out var sequence) && sequence > 0
            ? (stream.GetString()!, sequence)
            : throw new InvalidDataException("it is no audit event: stream and sequence are needed");

    // A newer worker may have values that this version does not know: the event counts all the same.
    private static AuditEvent? Read(string? type, JsonElement body)
    {
        if (!Types.TryGetValue(type ?? "", out var record))
            return null;
        try
        {
            return (AuditEvent?)body.Deserialize(ContractsJson.Default.GetTypeInfo(record)!);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
