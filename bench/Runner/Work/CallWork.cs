using System.Globalization;
using System.Text.Json;
using RabbitMQ.Client.Events;
using VoiceWorker.Bench.Judging;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Bench.Work;

/// <summary>CallStarted, every twentieth for a business that does not exist.</summary>
internal sealed class CallWork(string run, int count) : IWork
{
    private const int UnknownEvery = 20;
    private const string DefaultVoice = "ash";
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 9, 30, 0, TimeSpan.Zero);

    public string Exchange => Exchanges.CallStarted;

    public int Count => count;

    public byte[] Body(int index) => JsonSerializer.SerializeToUtf8Bytes(
        new CallStarted($"{run}-{index}", BusinessOf(index), Start.AddMilliseconds(index)), ContractsJson.Default.CallStarted);

    public Observation Observe(BasicDeliverEventArgs auditEvent)
    {
        var resolved = JsonSerializer.Deserialize(auditEvent.Body.Span, ContractsJson.Default.CallVoiceResolved)!;
        var index = IndexOf(resolved.CallId);
        return new Observation(index, resolved.Stream, resolved.Sequence, index < 0 ? null : FaultOf(index, resolved));
    }

    /// <summary>The message with this call id; -1 for somebody else's.</summary>
    public int IndexOf(string callId) => callId.StartsWith($"{run}-", StringComparison.Ordinal)
        ? int.Parse(callId.AsSpan(run.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture) : -1;

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
