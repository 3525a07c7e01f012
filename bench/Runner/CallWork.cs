using System.Globalization;
using System.Text.Json;
using RabbitMQ.Client.Events;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Bench;

/// <summary>CallStarted, every twentieth for a business that does not exist.</summary>
internal sealed class CallWork(string run, int count) : IWork
{
    private const int UnknownEvery = 20;
    // Odd, so that no two indices share a product.
    private const uint Spread = 2_654_435_761;
    private const string DefaultVoice = "ash";
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 9, 30, 0, TimeSpan.Zero);

    public string Exchange => Exchanges.CallStarted;

    public int Count => count;

    public byte[] Body(int index) => JsonSerializer.SerializeToUtf8Bytes(
        new CallStarted(CallIdOf(index), BusinessOf(index), Start.AddMilliseconds(index)),
        ContractsJson.Default.CallStarted);

    public Observation Observe(BasicDeliverEventArgs auditEvent)
    {
        var resolved = JsonSerializer.Deserialize(auditEvent.Body.Span, ContractsJson.Default.CallVoiceResolved)!;
        var index = IndexOf(resolved.CallId);
        return new Observation(index, resolved.Stream, resolved.Sequence, index < 0 ? null : FaultOf(index, resolved));
    }

    /// <summary>As spread as those of a telephony provider: ids in their order would spare the inbox's index.</summary>
    public string CallIdOf(int index) => $"CA{unchecked((uint)index * Spread):x8}-{run}-{index}";

    /// <summary>The message with this call id; -1 for somebody else's.</summary>
    public int IndexOf(string callId)
    {
        var parts = callId.Split('-');
        return parts.Length == 3 && parts[1] == run
            && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1;
    }

    public static int BusinessOf(int index) => IsUnknown(index) ? Businesses.Unknown(index) : Businesses.Known(index);

    public static string VoiceOf(int index) => IsUnknown(index) ? DefaultVoice : Businesses.VoiceOf(BusinessOf(index));

    private static bool IsUnknown(int index) => index % UnknownEvery == UnknownEvery - 1;

    private static string? FaultOf(int index, CallVoiceResolved resolved)
    {
        var expected = (BusinessOf(index), VoiceOf(index),
            IsUnknown(index) ? VoiceSource.Default : VoiceSource.Business,
            IsUnknown(index) ? VoiceReason.UnknownBusiness : VoiceReason.BusinessVoice);
        var found = (resolved.BusinessId, resolved.VoiceId, resolved.Source, resolved.Reason);
        return found == expected ? null : $"{resolved.CallId} is {found} and should be {expected}";
    }
}
