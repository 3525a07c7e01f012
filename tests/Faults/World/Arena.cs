using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.Faults.World;

/// <summary>A PostgreSQL and a RabbitMQ that one script at a time may kill. All queues are declared.</summary>
public sealed class Arena : IAsyncDisposable
{
    private Arena(LocalPostgres postgres, LocalRabbitMq rabbitMq, LegacyDatabase original) =>
        (Postgres, RabbitMq, Original) = (postgres, rabbitMq, original);

    /// <summary>Its database server.</summary>
    public LocalPostgres Postgres { get; }

    /// <summary>Its broker.</summary>
    public LocalRabbitMq RabbitMq { get; }

    /// <summary>A migrated database without a business, to be copied.</summary>
    public LegacyDatabase Original { get; }

    /// <summary>Starts both servers.</summary>
    public static async Task<Arena> OpenAsync(CancellationToken cancellationToken)
    {
        var options = new ServerOptions { Progress = Console.Error.WriteLine };
        var postgres = LocalPostgres.LaunchAsync(options, cancellationToken);
        var rabbitMq = await LocalRabbitMq.LaunchAsync(options, cancellationToken);
        var original = await LegacyDatabase.CreateAsync(await postgres, businesses: 0);
        await using (var migrator = new MigratorUnderTest(original.ConnectionString))
            await migrator.ApplyAsync();
        var arena = new Arena(await postgres, rabbitMq, original);
        await Topology.DeclareAsync(rabbitMq.AmqpUri, cancellationToken);
        await arena.DeclareWorkerQueuesAsync(cancellationToken);
        return arena;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        // The original goes with its server.
        await RabbitMq.DisposeAsync();
        await Postgres.DisposeAsync();
    }

    // A worker that runs once declares what is its own.
    private async Task DeclareWorkerQueuesAsync(CancellationToken cancellationToken)
    {
        await using var database = await Original.CopyAsync(businesses: 3);
        var environment = new Dictionary<string, string>
        {
            ["ConnectionStrings__Postgres"] = database.ConnectionString,
            ["ConnectionStrings__RabbitMq"] = RabbitMq.AmqpUri.ToString(),
        };
        await using var worker = WorkerProcess.Start(WorkerProcess.Dll, environment, ["run"]);
        await worker.WaitReadyAsync(cancellationToken);
        Assert.Equal(0, await worker.TerminateAsync(cancellationToken));
    }
}
