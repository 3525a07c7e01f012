using Testcontainers.PostgreSql;

namespace VoiceWorker.Infrastructure.Servers;

internal sealed class ContainerPostgres : PostgresServer
{
    private readonly PostgreSqlContainer _container;

    private ContainerPostgres(PostgreSqlContainer container) => _container = container;

    public override string ConnectionString => _container.GetConnectionString();

    public static async Task<ContainerPostgres> LaunchAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        await DockerEngine.RequireAsync(cancellationToken);
        var image = Environment.GetEnvironmentVariable("VOICE_POSTGRES_IMAGE") ?? "postgres:15";
        // Testcontainers turns durability off unless told otherwise.
        var builder = new PostgreSqlBuilder(image)
            .WithCommand("-c", "fsync=on", "-c", "full_page_writes=on", "-c", "synchronous_commit=on")
            .WithCommand([.. LocalPostgres.Arguments(options.PostgresSettings)]);
        if (options.DataDirectory is { } directory)
            builder = builder.WithVolumeMount(DockerEngine.VolumeFor(directory), "/var/lib/postgresql/data");

        var container = builder.Build();
        await DockerEngine.StartAsync(container, image, options.Progress, cancellationToken);
        return new ContainerPostgres(container);
    }

    public override async ValueTask DisposeAsync()
    {
        // Disposing alone kills, and the data is to be used again.
        await _container.StopAsync();
        await _container.DisposeAsync();
    }
}
