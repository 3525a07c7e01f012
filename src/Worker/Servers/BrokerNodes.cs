using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Persistence;

namespace VoiceWorker.Servers;

/// <summary>Where RabbitMQ can be reached: each node, and each address of a name that has several. In a random order,
/// so that connections spread over the nodes; what has failed lately comes last.</summary>
/// <param name="caFile">See <see cref="ConnectionOptions.RabbitMqCaFile"/>.</param>
/// <param name="lookUp">Returns the addresses of a name.</param>
internal sealed class BrokerNodes(
    BrokerUri uri, string caFile, Func<string, CancellationToken, Task<IPAddress[]>> lookUp, TimeProvider time)
{
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(30);

    // A name server that is slow must not hold up the other nodes.
    private static readonly TimeSpan NamePatience = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string Host, int Port), long> _failed = [];

    /// <summary>As configured.</summary>
    public BrokerUri Uri => uri;

    /// <summary>All of them, in the order in which they are to be tried.</summary>
    public async Task<IReadOnlyList<AmqpTcpEndpoint>> OrderAsync(CancellationToken cancellationToken)
    {
        var found = await Task.WhenAll(uri.Nodes.Select(node => ResolveAsync(node, cancellationToken)));
        return [.. found.SelectMany(endpoints => endpoints).OrderBy(HasFailedLately).ThenBy(_ => Random.Shared.Next())];
    }

    /// <summary>It could not be used; another one is tried first for a while.</summary>
    public void Avoid(AmqpTcpEndpoint endpoint) => _failed[KeyOf(endpoint)] = time.GetTimestamp();

    public void Reached(AmqpTcpEndpoint endpoint) => _failed.TryRemove(KeyOf(endpoint), out _);

    /// <summary>Whether it is one of those that are tried last.</summary>
    public bool HasFailedLately(AmqpTcpEndpoint endpoint) =>
        _failed.TryGetValue(KeyOf(endpoint), out var at) && time.GetElapsedTime(at) < Lately;

    private async Task<IEnumerable<AmqpTcpEndpoint>> ResolveAsync(Uri node, CancellationToken cancellationToken)
    {
        var addresses = Array.Empty<IPAddress>();
        try
        {
            addresses = await lookUp(node.IdnHost, cancellationToken)
                .WaitAsync(NamePatience, time, cancellationToken);
        }
        catch (Exception unresolved) when (unresolved is SocketException or TimeoutException)
        {
            // The client says so itself when it gets to this one.
        }

        // The client tries the first address of each family by itself.
        return addresses.CountBy(address => address.AddressFamily).All(family => family.Value == 1)
            ? [EndpointOf(node, node.IdnHost)]
            : addresses.Select(address => EndpointOf(node, address.ToString()));
    }

    private AmqpTcpEndpoint EndpointOf(Uri node, string host) => new(
        host, BrokerUri.PortOf(node), RabbitTls.OptionOf(node, caFile), RabbitConnection.LargestMessage);

    private static (string, int) KeyOf(AmqpTcpEndpoint endpoint) => (endpoint.HostName, endpoint.Port);
}

/// <summary>None of several nodes could be used.</summary>
/// <param name="tried">Each with what came of it.</param>
internal sealed class NoNodeException(IReadOnlyList<(AmqpTcpEndpoint Endpoint, Exception Failure)> tried)
    : BrokerUnreachableException(new AggregateException(tried.Select(one => one.Failure)))
{
    /// <summary>What came of each; once where all say the same.</summary>
    public override string Message { get; } = ServerFailure.DescribeEach([.. tried.Select(one =>
        ($"{one.Endpoint.HostName}:{one.Endpoint.Port}", ServerFailure.Describe(one.Failure)))]);

    /// <summary>Whether any of them failed by it.</summary>
    public bool Has(Func<Exception, bool> cause) => tried.Any(one => Failure.CausesOf(one.Failure).Any(cause));
}
