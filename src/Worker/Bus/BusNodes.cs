using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using VoiceWorker.Servers;

namespace VoiceWorker.Bus;

/// <summary>
/// Finds a node of the broker for MassTransit, which by itself knows one address, and after a connection that has
/// failed waits for longer with every loss, up to half a minute. Here no connection fails: it waits until there is a
/// node, and connects to that. That the queues are lost is told here instead.
/// </summary>
internal sealed class BusNodes(ServerWait wait, IOptions<ConnectionOptions> servers) : IHealthCheck, IDisposable
{
    private const string Name = "voice-worker bus probe";

    private readonly CancellationTokenSource _left = new();
    private readonly ConcurrentBag<IReceiveEndpointObserver> _told = [];
    private volatile bool _isMissed;

    /// <summary>Tells an observer when there is no node.</summary>
    public void Tell(IReceiveEndpointObserver observer) => _told.Add(observer);

    /// <summary>Whether there is one, as far as is known.</summary>
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_isMissed
            ? HealthCheckResult.Unhealthy($"{wait.NameOfRabbitMq()} cannot be used")
            : HealthCheckResult.Healthy("a node was found"));

    /// <summary>Returns a connection as soon as a node accepts one.</summary>
    public async Task<IConnection> FindAsync()
    {
        var found = await TryAsync() ?? await wait.ForRabbitMqAgainAsync(Name, _left.Token);
        _isMissed = false;
        return found;
    }

    private async Task<IConnection?> TryAsync()
    {
        try
        {
            return await RabbitConnection.OpenAsync(servers.Value, Name, _left.Token);
        }
        catch (Exception failure) when (!_left.IsCancellationRequested)
        {
            _isMissed = true;
            foreach (var observer in _told)
                await observer.Faulted(new Lost(failure));
            return null;
        }
    }

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

    private sealed record Lost(Exception Exception) : ReceiveEndpointFaulted
    {
        public Uri InputAddress => null!;

        public IReceiveEndpoint ReceiveEndpoint => null!;
    }
}
