using VoiceWorker.Bench.Machine;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Bench.Systems;

/// <summary>The PostgreSQL and the RabbitMQ of this run, with the settings that they come with: fsync and
/// synchronous_commit are on.</summary>
internal sealed class BenchServers : IAsyncDisposable
{
    private BenchServers(PostgresServer postgres, RabbitMqServer rabbitMq) => (Postgres, RabbitMq) = (postgres, rabbitMq);

    public PostgresServer Postgres { get; }

    public RabbitMqServer RabbitMq { get; }

    public static async Task<BenchServers> FindAsync(CancellationToken cancellationToken)
    {
        var options = new ServerOptions { Progress = Console.Error.WriteLine };
        var postgres = await PostgresServer.FindAsync(options, cancellationToken);
        try
        {
            return new BenchServers(postgres, await RabbitMqServer.FindAsync(options, cancellationToken));
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    /// <summary>CPU seconds so far; null when the server's processes are not on this machine.</summary>
    public double? BrokerCpu => CpuOf(RabbitMq);

    public double? DatabaseCpu => CpuOf(Postgres);

    public async ValueTask DisposeAsync()
    {
        await RabbitMq.DisposeAsync();
        await Postgres.DisposeAsync();
    }

    private static double? CpuOf(object server) => server is ILocalServer local ? CpuTime.Of(local.Processes()) : null;
}
