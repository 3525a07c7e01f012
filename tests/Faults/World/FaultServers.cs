using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using VoiceWorker.Tests.Faults.World;
using Xunit;

[assembly: AssemblyFixture(typeof(FaultServers))]
// Servers are killed, and queue names are fixed by contract: one script at a time.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace VoiceWorker.Tests.Faults.World;

/// <summary>A PostgreSQL and a RabbitMQ of our own, which the scripts may kill. All queues are declared.</summary>
public sealed class FaultServers : IAsyncLifetime
{
    private readonly ServerOptions _options = new() { Progress = Console.Error.WriteLine };

    public LocalPostgres Postgres { get; private set; } = null!;

    public LocalRabbitMq RabbitMq { get; private set; } = null!;

    /// <summary>The worker's assembly.</summary>
    public static string WorkerDll { get; } = Path.Combine(AppContext.BaseDirectory, "VoiceWorker.dll");

    public async ValueTask InitializeAsync()
    {
        var token = TestContext.Current.CancellationToken;
        var postgres = LocalPostgres.LaunchAsync(_options, token);
        RabbitMq = await LocalRabbitMq.LaunchAsync(_options, token);
        Postgres = await postgres;
        await Topology.DeclareAsync(RabbitMq.AmqpUri, token);
        await DeclareWorkerQueuesAsync(token);
    }

    public async ValueTask DisposeAsync()
    {
        await RabbitMq.DisposeAsync();
        await Postgres.DisposeAsync();
    }

    // A worker that runs once declares what is its own.
    private async Task DeclareWorkerQueuesAsync(CancellationToken cancellationToken)
    {
        await using var database = await LegacyDatabase.CreateAsync(Postgres);
        var environment = new Dictionary<string, string>
        {
            ["ConnectionStrings__Postgres"] = database.ConnectionString,
            ["ConnectionStrings__RabbitMq"] = RabbitMq.AmqpUri.ToString(),
        };
        await using var worker = WorkerProcess.Start(WorkerDll, environment, ["run"]);
        await worker.WaitReadyAsync(cancellationToken);
        Assert.Equal(0, await worker.TerminateAsync(cancellationToken));
    }
}
