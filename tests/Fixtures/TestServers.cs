using VoiceWorker.Infrastructure.Servers;

using Xunit;

[assembly: AssemblyFixture(typeof(TestServers))]
// Most of a test is waiting: for a server, a confirm, a deadline. Each has a virtual host for itself.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.Collections, MaxThreads = TestServers.Collections)]

namespace VoiceWorker.Tests.Fixtures;

/// <summary>The real PostgreSQL and RabbitMQ of this run.</summary>
public sealed class TestServers : IAsyncLifetime
{
    /// <summary>How many run at the same time.</summary>
    public const int Collections = 3;

    // Each test has a database of its own, and files of several hundred tables cost a disk most of its time.
    private readonly ServerOptions _options = new() { Progress = Console.Error.WriteLine, PrefersMemory = true };
    private VirtualHosts _virtualHosts = null!;

    /// <summary>With <c>VOICE_TEST_POOLER=session</c> (<c>./test --long</c>) behind a PgBouncer in that mode.</summary>
    public PostgresServer Postgres { get; private set; } = null!;

    /// <summary>Without a pooler in any case: for what only the server itself says or does.</summary>
    public PostgresServer PostgresItself { get; private set; } = null!;

    /// <summary>All of it. Workers, and whoever speaks with them, meet at <see cref="AmqpUri"/>.</summary>
    public RabbitMqServer RabbitMq { get; private set; } = null!;

    /// <summary>The virtual host of the test that runs, or that of its fixture.</summary>
    public Uri AmqpUri => _virtualHosts.Of(TestContext.Current);

    /// <summary>Its name.</summary>
    public string VirtualHost => Uri.UnescapeDataString(AmqpUri.AbsolutePath[1..]);

    /// <summary>Of this PostgreSQL.</summary>
    public MigratedTemplate Migrated { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var token = TestContext.Current.CancellationToken;
        var postgres = PostgresServer.FindAsync(_options, token);
        RabbitMq = await RabbitMqServer.FindAsync(_options, token);
        _virtualHosts = await VirtualHosts.AddAsync(RabbitMq, token);
        PostgresItself = await postgres;
        Postgres = Environment.GetEnvironmentVariable("VOICE_TEST_POOLER") is { Length: > 0 } mode
            ? await PooledPostgres.LaunchAsync(PostgresItself, mode, _options, token) : PostgresItself;
        Migrated = new MigratedTemplate(Postgres);
    }

    public async ValueTask DisposeAsync()
    {
        await RabbitMq.DisposeAsync();
        await Migrated.DisposeAsync();
        if (Postgres != PostgresItself)
            await Postgres.DisposeAsync();
        await PostgresItself.DisposeAsync();
    }
}
