using System.Threading.Channels;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Examples;

/// <summary>Records every audit event, and publishes them all again as the worker's replay does: same bytes, same ids and
/// sequences, and the header x-replay.</summary>
internal sealed class Replay
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly BrokerClient _broker;
    private readonly ChannelReader<Delivery> _deliveries;
    private readonly Dictionary<string, Delivery> _events = [];

    private Replay(BrokerClient broker, ChannelReader<Delivery> deliveries) => (_broker, _deliveries) = (broker, deliveries);

    public static async Task<Replay> RecordAsync(BrokerClient broker) => new(broker, await broker.BindAsync(Exchanges.VoiceAudit));

    /// <summary>Returns when so many different events have come.</summary>
    public async Task HasAsync(int count)
    {
        await Polling.UntilAsync(_ => Task.FromResult(Count() >= count), Patience, Token);
        Assert.True(_events.Count >= count, $"{_events.Count} of {count} events came");
    }

    private int Count()
    {
        while (_deliveries.TryRead(out var delivery))
            _events.TryAdd(delivery.Properties.MessageId!, delivery);
        return _events.Count;
    }

    public async Task PublishAsync()
    {
        foreach (var delivery in _events.Values.ToList())
        {
            var properties = new BasicProperties(delivery.Properties)
            {
                Headers = new Dictionary<string, object?>(delivery.Properties.Headers!) { ["x-replay"] = true },
            };
            await _broker.PublishAsync(Exchanges.VoiceAudit, delivery.Bytes, properties);
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
