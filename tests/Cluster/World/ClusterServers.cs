using VoiceWorker.Infrastructure.Servers;
using VoiceWorker.Tests.Cluster.Verdict;
using VoiceWorker.Tests.Cluster.World;
using VoiceWorker.Tests.Faults.World;
using Xunit;

[assembly: AssemblyFixture(typeof(ClusterServers))]
// A machine has room for one cluster.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace VoiceWorker.Tests.Cluster.World;

/// <summary>The nodes of RabbitMQ and the pair of PostgreSQL that all scripts share; started by the first.</summary>
public sealed class ClusterServers : IAsyncLifetime
{
    public LocalRabbitMqCluster RabbitMq { get; private set; } = null!;

    public LocalPostgresPair Postgres { get; private set; } = null!;

    /// <summary>What came of each script.</summary>
    public ClusterReport Report { get; } = new();

    /// <summary>Starts everything, or what the script before has left dead.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (RabbitMq is not null)
        {
            await MendAsync(cancellationToken);
            return;
        }

        Step.Say("starting three nodes of RabbitMQ, and PostgreSQL with a standby");
        var options = new ServerOptions { Progress = Console.Error.WriteLine };
        var postgres = LocalPostgresPair.LaunchAsync(options, cancellationToken);
        RabbitMq = await LocalRabbitMqCluster.LaunchAsync(options, cancellationToken);
        Postgres = await postgres;
        await Topology.DeclareAsync(RabbitMq.Nodes[0].AmqpUri, cancellationToken);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await Report.WriteAsync();
        if (RabbitMq is not null)
            await RabbitMq.DisposeAsync();
        if (Postgres is not null)
            await Postgres.DisposeAsync();
    }

    private async Task MendAsync(CancellationToken cancellationToken)
    {
        Step.Say("waiting until every server runs");
        foreach (var node in RabbitMq.Nodes)
            node.Resume();
        await Task.WhenAll(RabbitMq.Nodes.Where(node => node.Processes().Count == 0)
            .Select(node => node.StartAsync(cancellationToken)));
        if (Postgres.Primary.Processes().Count == 0)
            await Postgres.Primary.StartAsync(cancellationToken);
        if (!await Postgres.IsSynchronousAsync(cancellationToken))
            await Postgres.FollowAsync(isSynchronous: true, cancellationToken);
    }
}
