using System.Text.Json;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Bench.Baseline;

/// <summary>A delivery: the call, its tag, and who wants a reply.</summary>
internal readonly record struct Arrival(CallStarted Call, ulong Tag, string? ReplyTo, string? CorrelationId);

/// <summary>Takes whatever has arrived, at most 500: one statement, one commit, one ack.</summary>
internal sealed class CallLoop(string queue, IChannel input, Relay relay, CallStatement statement)
{
    private const int MaxBatch = 500;
    private const ushort Prefetch = 2_000;

    private readonly Channel<Arrival> _arrived = Channel.CreateUnbounded<Arrival>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private readonly List<Arrival> _batch = new(MaxBatch);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var consumer = new AsyncEventingBasicConsumer(input);
        consumer.ReceivedAsync += OnReceivedAsync;
        await input.BasicQosAsync(0, Prefetch, global: false, cancellationToken);
        await input.BasicConsumeAsync(queue, autoAck: false, consumer, cancellationToken);
        while (await _arrived.Reader.WaitToReadAsync(cancellationToken))
            await CommitAsync(cancellationToken);
    }

    // Parsed here, on the thread of the deliveries, while the transaction before is in flight.
    private Task OnReceivedAsync(object sender, BasicDeliverEventArgs delivery)
    {
        var call = JsonSerializer.Deserialize(delivery.Body.Span, ContractsJson.Default.CallStarted)!;
        var properties = delivery.BasicProperties;
        _arrived.Writer.TryWrite(new Arrival(call, delivery.DeliveryTag, properties.ReplyTo, properties.CorrelationId));
        return Task.CompletedTask;
    }

    private async Task CommitAsync(CancellationToken cancellationToken)
    {
        _batch.Clear();
        while (_batch.Count < MaxBatch && _arrived.Reader.TryRead(out var arrival))
            _batch.Add(arrival);
        var asked = _batch.Any(arrival => arrival.ReplyTo is not null);
        var voices = await statement.RecordAsync(_batch, asked, cancellationToken);
        relay.Wake();
        await input.BasicAckAsync(_batch[^1].Tag, multiple: true, cancellationToken);
        if (asked)
            await ReplyAsync(voices, cancellationToken);
    }

    // A repeated call has no row and gets no second reply: enough for a measurement.
    private async Task ReplyAsync(Dictionary<string, CallVoice> voices, CancellationToken cancellationToken)
    {
        foreach (var arrival in _batch)
        {
            if (arrival.ReplyTo is not { } asker || !voices.TryGetValue(arrival.Call.CallId, out var voice))
                continue;
            var properties = new BasicProperties
            {
                ContentType = "application/json", CorrelationId = arrival.CorrelationId,
            };
            await input.BasicPublishAsync("", asker, mandatory: false, properties,
                JsonSerializer.SerializeToUtf8Bytes(voice, ContractsJson.Default.CallVoice), cancellationToken);
        }
    }
}
