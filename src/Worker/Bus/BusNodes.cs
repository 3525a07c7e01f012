using RabbitMQ.Client;
using VoiceWorker.Servers;

namespace VoiceWorker.Bus;

/// <summary>
/// Finds a node of the broker for MassTransit, which by itself knows one address, and after each connection that fails
/// waits for longer, up to half a minute. Here it waits until there is a node, and connects to that.
/// </summary>
internal sealed class BusNodes(ServerWait wait) : IDisposable
{
    private readonly CancellationTokenSource _left = new();

    /// <summary>Returns a connection as soon as a node accepts one.</summary>
    public Task<IConnection> FindAsync() => wait.ForRabbitMqAgainAsync("voice-worker bus probe", _left.Token);

    /// <summary>Looks for no more: a bus that is stopped would wait for it.</summary>
    public void Leave() => _left.Cancel();

    public void Dispose() => _left.Dispose();

    /// <summary>Before MassTransit connects: to the node that is found, else to the others. TLS is decided here
    /// too.</summary>
    public static async Task AimAsync(
        ConnectionFactory factory, ConnectionOptions servers, Func<Task<IConnection>> findNode)
    {
        var found = await findNode();
        await found.LeaveAsync();
        var others = await servers.Nodes.OrderAsync(CancellationToken.None);
        AmqpTcpEndpoint[] order = [found.Endpoint, .. others.Where(other => !other.Equals(found.Endpoint))];
        factory.EndpointResolverFactory = _ => new Ordered(order);
    }

    private sealed class Ordered(IReadOnlyList<AmqpTcpEndpoint> endpoints) : IEndpointResolver
    {
        public IEnumerable<AmqpTcpEndpoint> All() => endpoints;
    }
}
