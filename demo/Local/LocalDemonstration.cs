using VoiceWorker.Demo.Legacy;
using VoiceWorker.Demo.Traffic;

namespace VoiceWorker.Demo.Local;

/// <summary>The whole demonstration on this machine: servers, broken database, worker, traffic.</summary>
internal static class LocalDemonstration
{
    public static async Task<int> RunAsync(bool once, CancellationToken cancellationToken)
    {
        Screen.Title("0. PostgreSQL and RabbitMQ");
        await using var servers = await DemoServers.FindAsync(cancellationToken);
        await LegacyAct.PlayAsync(servers.Postgres, servers.RabbitMq, cancellationToken);

        Screen.Title("2. The worker starts: it migrates the database, verifies it, then consumes");
        await using var worker = await ChildWorker.StartAsync(servers, cancellationToken);
        await using var traffic = await TrafficAct.OpenAsync(servers.RabbitMq.AmqpUri, cancellationToken);
        var exitCode = await traffic.PlayAsync(new LegacyDatabase(servers.Postgres), cancellationToken);
        if (once || exitCode != 0)
            return exitCode;

        servers.Describe(worker.Http);
        return await worker.StayUpAsync(cancellationToken);
    }
}
