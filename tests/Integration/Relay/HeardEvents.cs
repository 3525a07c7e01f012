using System.Text.Json;
using System.Threading.Channels;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Persistence.Audit;
using Xunit;

namespace VoiceWorker.Tests.Integration.Relay;

/// <summary>Every audit event that reached one queue, from before the first to the last.</summary>
internal sealed class HeardEvents
{
    private readonly ChannelReader<Delivery> _deliveries;
    private readonly List<AuditEvent> _all = [];

    private HeardEvents(ChannelReader<Delivery> deliveries) => _deliveries = deliveries;

    /// <summary>Without the repeats of an event: same id, stream and sequence.</summary>
    public IEnumerable<AuditEvent> Distinct => _all.DistinctBy(told => (told.EventId, told.Stream, told.Sequence));

    public static async Task<HeardEvents> BindAsync(BrokerClient broker)
    {
        await broker.AmqpChannel.ExchangeDeclareAsync(
            Exchanges.VoiceAudit, ExchangeType.Fanout, durable: true,
            cancellationToken: TestContext.Current.CancellationToken);
        return new(await broker.BindAsync(Exchanges.VoiceAudit));
    }

    /// <summary>Takes one after the other until it holds; a sequence with two events fails at once.</summary>
    public async Task ReadUntilAsync(Func<HeardEvents, bool> holds)
    {
        while (!holds(this))
        {
            var delivery = (await BrokerClient.TakeAsync(_deliveries, 1))[0];
            var contract = StoredTypes.ContractOf(delivery.Properties.Type!)!;
            Add((AuditEvent)JsonSerializer.Deserialize(delivery.Bytes, ContractsJson.Default.GetTypeInfo(contract)!)!);
        }
    }

    private void Add(AuditEvent heard)
    {
        var same = _all.Find(told => told.Stream == heard.Stream && told.Sequence == heard.Sequence);
        Assert.True(
            same is null || same.EventId == heard.EventId,
            $"sequence {heard.Sequence} of {heard.Stream} was given to {same?.EventId} and to {heard.EventId}");
        _all.Add(heard);
    }

    /// <summary>Of calls such as <c>CA-lost-1</c>.</summary>
    public int CountCalls(string name) => Distinct.OfType<CallVoiceResolved>()
        .Count(call => call.CallId.StartsWith($"CA-{name}-", StringComparison.Ordinal));

    /// <summary>No sequence is missing, and what was lost is named above all that was published.</summary>
    public void AssertTold(IReadOnlyCollection<AuditEvent> lost)
    {
        foreach (var stream in Distinct.GroupBy(told => told.Stream))
        {
            Assert.Equal(
                Enumerable.Range(1, stream.Count()).Select(n => (long)n),
                stream.Select(told => told.Sequence).Order());
        }

        Assert.Equal(
            lost.Select(one => (one.EventId, one.Stream, one.Sequence, one.GetType().Name, true)).Order(),
            Distinct.OfType<HistoryLost>().SelectMany(told => told.Lost.Select(
                one => (one.EventId, told.Stream, one.Sequence, one.Type, one.RecordedAgain))).Order());
        Assert.All(Distinct.OfType<HistoryLost>(), told => Assert.Equal(
            (true, lost.Where(one => one.Stream == told.Stream).Max(one => one.Sequence) + 1),
            (told.IsComplete, told.Sequence)));
    }
}
