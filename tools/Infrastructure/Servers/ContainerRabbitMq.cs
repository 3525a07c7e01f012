using Testcontainers.RabbitMq;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Infrastructure.Servers;

internal sealed class ContainerRabbitMq : RabbitMqServer
{
    private readonly RabbitMqContainer _container;

    private ContainerRabbitMq(RabbitMqContainer container) => _container = container;

    public override Uri AmqpUri => new(_container.GetConnectionString());

    public static async Task<ContainerRabbitMq> LaunchAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        await DockerEngine.RequireAsync(cancellationToken);
        var image = Environment.GetEnvironmentVariable("VOICE_RABBITMQ_IMAGE") ?? "rabbitmq:4-management";
        var builder = new RabbitMqBuilder(image);
        // Mnesia is bound to the node's name, which is made of the host's.
        if (options.DataDirectory is { } directory)
            builder = builder.WithHostname("voice")
                .WithVolumeMount(DockerEngine.VolumeFor(directory), "/var/lib/rabbitmq");

        var container = builder.Build();
        await DockerEngine.StartAsync(container, image, options.Progress, cancellationToken);
        return new ContainerRabbitMq(container);
    }

    public override async Task<string> ControlAsync(
        IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        string[] command = ["rabbitmqctl", .. arguments];
        var result = await _container.ExecAsync(command, cancellationToken);
        return result.ExitCode == 0
            ? result.Stdout
            : throw new CommandFailedException(command, (int)(result.ExitCode ?? -1), result.Stderr);
    }

    private protected override async Task ImportDefinitionsAsync(
        byte[] definitions, CancellationToken cancellationToken)
    {
        const string file = "/tmp/definitions.json";
        await _container.CopyAsync(definitions, file, ct: cancellationToken);
        await ControlAsync(["import_definitions", file], cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        // Disposing alone kills, and the data is to be used again.
        await _container.StopAsync();
        await _container.DisposeAsync();
    }
}
