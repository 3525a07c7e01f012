using System.Text.Json;
using RabbitMQ.Client.Events;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Bench;

/// <summary>BusinessVoiceChanged, each later than the one before, in turn for so many businesses.</summary>
internal sealed class ChangeWork(int count, int businesses) : IWork
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 9, 30, 0, TimeSpan.Zero);

    public string Exchange => Exchanges.BusinessVoiceChanged;

    public int Count => count;

    public byte[] Body(int index) => JsonSerializer.SerializeToUtf8Bytes(
        new BusinessVoiceChanged(BusinessOf(index), VoiceOf(index), Start.AddMilliseconds(index), "bench"),
        ContractsJson.Default.BusinessVoiceChanged);

    public Observation Observe(BasicDeliverEventArgs auditEvent)
    {
        if (auditEvent.BasicProperties.Type == nameof(BusinessVoiceUpdated))
        {
            var updated = JsonSerializer.Deserialize(auditEvent.Body.Span, ContractsJson.Default.BusinessVoiceUpdated)!;
            return Judged(updated, updated.BusinessId, updated.VoiceId, updated.ChangedAt, null);
        }

        // One that is overtaken by a later one on its way is right to be refused, for no other reason.
        var rejected = JsonSerializer.Deserialize(
            auditEvent.Body.Span, ContractsJson.Default.BusinessVoiceChangeRejected)!;
        var fault = rejected.Reason == ChangeRejection.Superseded ? null : $"rejected as {rejected.Reason}";
        return Judged(rejected, rejected.BusinessId, rejected.VoiceId, rejected.ChangedAt, fault);
    }

    public async Task<int> WrongRowsAsync(BenchDatabase database, CancellationToken cancellationToken)
    {
        var stored = await database.ReadAsync<int, string>("SELECT id, voice_id FROM business", cancellationToken);
        return Enumerable.Range(Math.Max(0, count - businesses), Math.Min(count, businesses))
            .Count(index => stored[BusinessOf(index)] != VoiceOf(index));
    }

    private int BusinessOf(int index) => index % businesses + 1;

    // Another one with each change of a business.
    private string VoiceOf(int index) => Businesses.Voices[index / businesses % Businesses.Voices.Count];

    private Observation Judged(
        AuditEvent auditEvent, int business, string voice, DateTimeOffset changedAt, string? fault)
    {
        var index = (int)(changedAt - Start).TotalMilliseconds;
        if (index >= 0 && index < count && (business, voice) != (BusinessOf(index), VoiceOf(index)))
            fault = $"change {index} is of business {business} to {voice}, not {BusinessOf(index)} to {VoiceOf(index)}";
        return new Observation(index, auditEvent.Stream, auditEvent.Sequence, fault);
    }
}
