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

    public override Task<string> ControlAsync(IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        throw new NotSupportedException("a broker that was given is taken as it is");

    public override Task<IReadOnlyList<Uri>> AddVirtualHostsAsync(
        IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Uri>>([AmqpUri]);

    private protected override Task ImportDefinitionsAsync(byte[] definitions, CancellationToken cancellationToken) =>
        throw new NotSupportedException("a broker that was given is taken as it is");

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
