namespace VoiceWorker.Infrastructure.Servers;

internal sealed class GivenRabbitMq : RabbitMqServer
{
    private GivenRabbitMq(Uri uri) => AmqpUri = uri;

    public override Uri AmqpUri { get; }

    /// <summary>A broker that was asked for and is not there is an error, never a reason to take another.</summary>
    public static async Task<GivenRabbitMq> ConnectAsync(string given, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(given, UriKind.Absolute, out var uri) || uri.Scheme is not ("amqp" or "amqps"))
            throw new ServerUnavailableException("VOICE_RABBITMQ is not amqp://user:password@host:port/vhost");
        return await AnswersAsync(uri, cancellationToken)
            ? new GivenRabbitMq(uri)
            : throw new ServerUnavailableException("VOICE_RABBITMQ is set and its broker does not answer");
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
