namespace VoiceWorker.Infrastructure.Servers;

/// <summary>What makes a RabbitMQ one node of several on this machine: each has an address of the loopback network for
/// the traffic between the nodes, which no other cluster has, and all have one epmd and one cookie.</summary>
/// <param name="Number">Its own, from 1.</param>
/// <param name="Count">Of the nodes.</param>
/// <param name="EpmdPort">Where it is found by the others.</param>
/// <param name="Cookie">Which they know each other by.</param>
internal sealed record ClusterMember(int Number, int Count, int EpmdPort, string Cookie)
{
    public string Name => NameOf(Number);

    private string ErlangAddress => Address.Replace('.', ',');

    /// <summary>Its address in the traffic between the nodes.</summary>
    public string Address => AddressOf(EpmdPort, Number);

    /// <summary>Arguments of Erlang: it listens there, and calls the others from there.</summary>
    public string DistributionArguments =>
        $"-kernel inet_dist_use_interface {{{ErlangAddress}}} "
        + $"-kernel inet_dist_connect_options [{{ip,{{{ErlangAddress}}}}}] ";

    public string EpmdAddresses => EpmdAddressesOf(EpmdPort, Count);

    /// <summary>Lines of rabbitmq.conf. The others join the first one, which looks for nobody: it would wait.</summary>
    public string Configuration => $"""
        cluster_partition_handling = pause_minority
        net_ticktime = 10
        cluster_formation.peer_discovery_backend = classic_config
        cluster_formation.classic_config.nodes.1 = {NameOf(1)}

        """;

    /// <summary>For an epmd of so many nodes.</summary>
    public static string EpmdAddressesOf(int port, int count) =>
        string.Join(',', Enumerable.Range(1, count).Select(number => AddressOf(port, number)));

    public async Task WriteCookieAsync(string file, CancellationToken cancellationToken)
    {
        // Erlang leaves it without the right to write.
        File.Delete(file);
        await File.WriteAllTextAsync(file, Cookie, cancellationToken);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead);
    }

    private string NameOf(int number) => $"ha{number}@{AddressOf(EpmdPort, number)}";

    private static string AddressOf(int port, int number) => $"127.{1 + (port % 250)}.{number}.1";
}
