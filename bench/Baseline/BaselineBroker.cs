using RabbitMQ.Client;
using VoiceWorker.Contracts;

namespace VoiceWorker.Bench.Baseline;

/// <summary>A connection each for consuming and for publishing, so that neither waits for the other's bytes.</summary>
internal sealed class BaselineBroker : IAsyncDisposable
{
    private readonly IConnection _consuming;
    private readonly IConnection _publishing;

    private BaselineBroker(IConnection consuming, IConnection publishing, IChannel input, IChannel output) =>
        (_consuming, _publishing, Input, Output) = (consuming, publishing, input, output);

    public IChannel Input { get; }

    /// <summary>With confirms, which are counted by <see cref="Confirms"/>.</summary>
    public IChannel Output { get; }

    public static async Task<BaselineBroker> OpenAsync(BaselineSettings settings, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory { Uri = settings.RabbitMq, AutomaticRecoveryEnabled = false };
        var consuming = await factory.CreateConnectionAsync("baseline in", cancellationToken);
        var publishing = await factory.CreateConnectionAsync("baseline out", cancellationToken);
        var confirmed = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false);
        var broker = new BaselineBroker(
            consuming, publishing, await consuming.CreateChannelAsync(cancellationToken: cancellationToken),
            await publishing.CreateChannelAsync(confirmed, cancellationToken));
        await broker.DeclareAsync(Exchanges.CallStarted, settings.Queue, settings.QueueType, cancellationToken);
        await broker.DeclareAsync(Exchanges.CallVoiceResolved, settings.AuditQueue, settings.QueueType, cancellationToken);
        return broker;
    }

    public async ValueTask DisposeAsync()
    {
        await _consuming.DisposeAsync();
        await _publishing.DisposeAsync();
    }

    private async Task DeclareAsync(string exchange, string queue, string type, CancellationToken cancellationToken)
    {
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = type };
        await Input.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        await Input.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
        await Input.QueueBindAsync(queue, exchange, "", cancellationToken: cancellationToken);
    }
}
