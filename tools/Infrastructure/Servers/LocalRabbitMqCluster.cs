using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using VoiceWorker.Infrastructure.Network;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Infrastructure.Servers;

/// <summary>Nodes of RabbitMQ that are one broker, each of which can be hurt by itself. What is on the side of a
/// minority pauses.</summary>
public sealed partial class LocalRabbitMqCluster : IAsyncDisposable
{
    private const int Size = 3;
    private const string Patience = "60";

    private readonly Epmd _epmd;

    private LocalRabbitMqCluster(Epmd epmd, IReadOnlyList<LocalRabbitMq> nodes) => (_epmd, Nodes) = (epmd, nodes);

    /// <summary>In the order of their numbers.</summary>
    public IReadOnlyList<LocalRabbitMq> Nodes { get; }

    /// <summary>To all nodes, as the worker takes it; the default virtual host.</summary>
    public string ConnectionString
    {
        get
        {
            var hosts = Nodes.Select(node => $"{node.AmqpUri.Host}:{node.AmqpUri.Port}");
            return $"amqp://{Nodes[0].AmqpUri.UserInfo}@{string.Join(',', hosts)}/";
        }
    }

    /// <summary>Starts all nodes; returns when they are one broker.</summary>
    /// <exception cref="ServerUnavailableException">No binaries, or a node does not start or join.</exception>
    public static async Task<LocalRabbitMqCluster> LaunchAsync(
        ServerOptions options, CancellationToken cancellationToken)
    {
        var epmd = await Epmd.LaunchAsync(options, Size, cancellationToken);
        var cookie = RandomNumberGenerator.GetHexString(20);
        var launches = new List<Task<LocalRabbitMq>>();
        try
        {
            // All at once would wait for each other's lock with ever longer pauses.
            launches.Add(LaunchNodeAsync(1));
            await launches[0];
            launches.AddRange(Enumerable.Range(2, Size - 1).Select(LaunchNodeAsync));
            var cluster = new LocalRabbitMqCluster(epmd, await Task.WhenAll(launches));
            await cluster.ControlAsync(["await_online_nodes", $"{Size}", "-t", Patience], cancellationToken);
            return cluster;
        }
        catch
        {
            await ((Task)Task.WhenAll(launches)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var launch in launches.Where(launch => launch.IsCompletedSuccessfully))
                await (await launch).DisposeAsync();
            await epmd.DisposeAsync();
            throw;
        }

        Task<LocalRabbitMq> LaunchNodeAsync(int number) => LocalRabbitMq.LaunchAsync(
            options with { RabbitMqMember = new ClusterMember(number, Size, epmd.Port, cookie) }, cancellationToken);
    }

    /// <summary>The node that a queue has its leader on.</summary>
    public async Task<LocalRabbitMq> LeaderOfAsync(string queue, CancellationToken cancellationToken)
    {
        var lines = await ControlAsync(
            ["list_queues", "-q", "--no-table-headers", "name", "leader"], cancellationToken);
        var line = lines.Single(line => line.StartsWith(queue + "\t", StringComparison.Ordinal));
        return NodeIn(line);
    }

    /// <summary>The nodes that hold connections whose name contains a text, once for each connection.</summary>
    public async Task<IReadOnlyList<LocalRabbitMq>> ConnectedAsync(string name, CancellationToken cancellationToken)
    {
        var lines = await ControlAsync(
            ["list_connections", "-q", "--no-table-headers", "pid", "client_properties"], cancellationToken);
        return [.. lines.Where(line => line.Contains(name, StringComparison.Ordinal)).Select(NodeIn)];
    }

    /// <summary>Cuts a node off from the other nodes for a while. Clients reach all of them.</summary>
    public Task CutOffAsync(LocalRabbitMq node, TimeSpan length, CancellationToken cancellationToken) =>
        LoopbackCut.BeginAsync(
            Nodes.Where(other => other != node).Select(other => (node.Member!.Address, other.Member!.Address)),
            length, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await LoopbackCut.EndAsync();
        await Task.WhenAll(Nodes.Select(node => node.DisposeAsync().AsTask()));
        await _epmd.DisposeAsync();
    }

    private async Task<string[]> ControlAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var node = Nodes.First(node => node.Processes().Count > 0);
        return (await node.ControlAsync(arguments, cancellationToken)).Split('\n');
    }

    private LocalRabbitMq NodeIn(string line) =>
        Nodes[int.Parse(Node().Match(line).Groups[1].Value, CultureInfo.InvariantCulture) - 1];

    [GeneratedRegex(@"ha(\d)@127\.")]
    private static partial Regex Node();

    /// <summary>Where the nodes find each other.</summary>
    private sealed class Epmd : IAsyncDisposable
    {
        private readonly SupervisedProcess _process;

        private Epmd(SupervisedProcess process, int port) => (_process, Port) = (process, port);

        public int Port { get; }

        public static async Task<Epmd> LaunchAsync(
            ServerOptions options, int nodes, CancellationToken cancellationToken)
        {
            await Installation.RabbitMq.FindAsync(options.Progress, cancellationToken);
            var account = await Account.ForAsync("rabbitmq", cancellationToken);
            var directory = await DataDirectory.OpenAsync("epmd", new ServerOptions(), account, cancellationToken);
            Directory.CreateDirectory(directory.Data);
            var process = new SupervisedProcess(directory, Path.Combine(directory.Data, "no.pid"));
            return new Epmd(process, await PortCollision.RetryAsync(StartOnAsync, cancellationToken));

            Task StartOnAsync(int port, CancellationToken token) => process.StartAsync(
                account.Running("epmd", "-address", ClusterMember.EpmdAddressesOf(port, nodes), "-port", $"{port}"),
                new Dictionary<string, string>(), answering => AnswersAsync(port, answering), token);
        }

        public ValueTask DisposeAsync() => _process.CloseAsync(Signal.Kill);

        private static async Task<bool> AnswersAsync(int port, CancellationToken cancellationToken)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync("127.0.0.1", port, cancellationToken);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }
}
