namespace VoiceWorker.Infrastructure.Servers;

/// <summary>What makes a RabbitMQ one node of several on this machine: each has an address of the loopback network for
/// the traffic between the nodes, and all have one epmd and one cookie.</summary>
/// <param name="Number">Its own, from 1.</param>
/// <param name="Count">Of the nodes.</param>
/// <param name="EpmdPort">Where it is found by the others.</param>
/// <param name="Cookie">Which they know each other by.</param>
internal sealed record ClusterMember(int Number, int Count, int EpmdPort, string Cookie)
{
    public string Name => NameOf(Number);

    /// <summary>Its address in the traffic between the nodes.</summary>
    public string Address => $"127.0.{Number}.1";

    /// <summary>Arguments of Erlang: it listens there, and calls the others from there.</summary>
    public string DistributionArguments =>
        $"-kernel inet_dist_use_interface {{127,0,{Number},1}} -kernel inet_dist_connect_options [{{ip,{{127,0,{Number},1}}}}] ";

    public string EpmdAddresses => EpmdAddressesOf(Count);

    /// <summary>Lines of rabbitmq.conf. The others join the first one, which looks for nobody: it would wait.</summary>
    public static string Configuration => $"""
        cluster_partition_handling = pause_minority
        net_ticktime = 10
        cluster_formation.peer_discovery_backend = classic_config
        cluster_formation.classic_config.nodes.1 = {NameOf(1)}

        """;

    /// <summary>For an epmd of so many nodes.</summary>
    public static string EpmdAddressesOf(int count) =>
        string.Join(',', Enumerable.Range(1, count).Select(number => $"127.0.{number}.1"));

    public async Task WriteCookieAsync(string file, CancellationToken cancellationToken)
    {
        // Erlang leaves it without the right to write.
        File.Delete(file);
        await File.WriteAllTextAsync(file, Cookie, cancellationToken);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead);
    }

    private static string NameOf(int number) => $"ha{number}@127.0.{number}.1";
}
