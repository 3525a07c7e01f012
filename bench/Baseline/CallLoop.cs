using System.Text.Json;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Bench.Baseline;

/// <summary>Takes whatever has arrived, at most 500: one statement, one commit, one ack.</summary>
internal sealed class CallLoop : IAsyncDisposable
{
    private const int MaxBatch = 500;
    private const ushort Prefetch = 2_000;

    private readonly Channel<Arrival> _arrived = Channel.CreateUnbounded<Arrival>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private readonly List<Arrival> _batch = new(MaxBatch);
    private readonly BaselineSettings _settings;
    private readonly IChannel _input;
    private readonly Relay _relay;
    private readonly CallStatement _statement;

    private CallLoop(BaselineSettings settings, IChannel input, Relay relay, CallStatement statement) =>
        (_settings, _input, _relay, _statement) = (settings, input, relay, statement);

    public static async Task<CallLoop> OpenAsync(
        BaselineSettings settings, BaselineBroker broker, Relay relay, CancellationToken cancellationToken) =>
        new(settings, broker.Input, relay, await CallStatement.OpenAsync(settings.Postgres, cancellationToken));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var consumer = new AsyncEventingBasicConsumer(_input);
        consumer.ReceivedAsync += OnReceivedAsync;
        await _input.BasicQosAsync(0, Prefetch, global: false, cancellationToken);
        await _input.BasicConsumeAsync(_settings.Queue, autoAck: false, consumer, cancellationToken);
        while (await _arrived.Reader.WaitToReadAsync(cancellationToken))
            await CommitAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _statement.DisposeAsync();

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
        var voices = await _statement.RecordAsync(_batch, asked, cancellationToken);
        _relay.Wake();
        await _input.BasicAckAsync(_batch[^1].Tag, multiple: true, cancellationToken);
        if (asked)
            await ReplyAsync(voices, cancellationToken);
    }

    // A repeated call has no row and gets no second reply: enough for a measurement.
    private async Task ReplyAsync(Dictionary<string, CallVoice> voices, CancellationToken cancellationToken)
    {
        foreach (var arrival in _batch)
        {
            if (arrival.ReplyTo is not { } queue || !voices.TryGetValue(arrival.Call.CallId, out var voice))
                continue;
            var properties = new BasicProperties { ContentType = "application/json", CorrelationId = arrival.CorrelationId };
            await _input.BasicPublishAsync("", queue, mandatory: false, properties,
                JsonSerializer.SerializeToUtf8Bytes(voice, ContractsJson.Default.CallVoice), cancellationToken);
        }
    }
}
