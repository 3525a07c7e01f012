using VoiceWorker.Infrastructure.Servers;

using Xunit;

[assembly: AssemblyFixture(typeof(TestServers))]
// One broker, and queue names that are fixed by contract: one worker at a time.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace VoiceWorker.Tests.Fixtures;

/// <summary>The real PostgreSQL and RabbitMQ of this run.</summary>
public sealed class TestServers : IAsyncLifetime
{
    private readonly ServerOptions _options = new() { Progress = Console.Error.WriteLine };

    public PostgresServer Postgres { get; private set; } = null!;

    public RabbitMqServer RabbitMq { get; private set; } = null!;

    /// <summary>Of this PostgreSQL.</summary>
    public MigratedTemplate Migrated { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var postgres = PostgresServer.FindAsync(_options, TestContext.Current.CancellationToken);
        RabbitMq = await RabbitMqServer.FindAsync(_options, TestContext.Current.CancellationToken);
        Postgres = await postgres;
        Migrated = new MigratedTemplate(Postgres);
    }

    public async ValueTask DisposeAsync()
    {
        await RabbitMq.DisposeAsync();
        await Migrated.DisposeAsync();
        await Postgres.DisposeAsync();
    }
}
