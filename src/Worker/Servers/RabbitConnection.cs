using RabbitMQ.Client;
using VoiceWorker.Persistence;

namespace VoiceWorker.Servers;

/// <summary>Plain connections to RabbitMQ, beside those of the bus.</summary>
internal static class RabbitConnection
{
    /// <summary>Bytes of a body: the most that any RabbitMQ can be configured to accept. A client that takes less loses
    /// its connection by a larger one, and each time with the same.</summary>
    public const uint LargestMessage = 512 * 1024 * 1024;

    /// <summary>A connection that is dead without a word is noticed after two of these, by either side: RabbitMQ's own
    /// default would leave the deliveries of a vanished worker with it for minutes.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    // Until a connection is accepted: a machine that is gone must not hold up the way to the others.
    private static readonly TimeSpan TheOnlyOne = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan OneOfSeveral = TimeSpan.FromSeconds(2);

    // Until AMQP is agreed on and the virtual host is open: a node that hangs accepts connections and says nothing. One
    // that has failed lately comes last and has longer, since all may be slow.
    private static readonly TimeSpan Agreement = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AgreementOfOneOfSeveral = TimeSpan.FromSeconds(3);

    // How long a goodbye may take: in an alarm the broker does not read what a publisher sends.
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(1);

    /// <summary>Opens one that does not recover by itself, to the first node that can be used: its owner notices and
    /// opens another.</summary>
    /// <param name="name">What for.</param>
    /// <exception cref="NoNodeException">None of several nodes can be used.</exception>
    public static async Task<IConnection> OpenAsync(
        ConnectionOptions servers, string name, CancellationToken cancellationToken)
    {
        var nodes = servers.Nodes;
        var endpoints = await nodes.OrderAsync(cancellationToken);
        var factory = FactoryOf(nodes.Uri, endpoints.Count);
        var tried = new List<(AmqpTcpEndpoint, Exception)>();
        foreach (var endpoint in endpoints)
        {
            try
            {
                var patience = endpoints.Count > 1 && !nodes.HasFailedLately(endpoint)
                    ? AgreementOfOneOfSeveral : Agreement;
                var connection = await OpenAsync(factory, endpoint, NameOf(name), patience, cancellationToken);
                nodes.Reached(endpoint);
                return connection;
            }
            // What a node refuses for its settings, the next one refuses as well.
            catch (Exception failure) when (endpoints.Count > 1 && !cancellationToken.IsCancellationRequested
                && ServerFailure.Of(failure).Kind is not (FailureKind.Settings or FailureKind.Privilege))
            {
                nodes.Avoid(endpoint);
                tried.Add((endpoint, failure));
            }
        }

        throw new NoNodeException(tried);
    }

    /// <summary>As RabbitMQ's list of connections shows it: worker, duty and host.</summary>
    public static string NameOf(string duty) => $"{duty} on {Environment.MachineName}";

    private static ConnectionFactory FactoryOf(BrokerUri uri, int nodes) => new()
    {
        Uri = uri.Nodes[0],
        AutomaticRecoveryEnabled = false,
        RequestedConnectionTimeout = nodes > 1 ? OneOfSeveral : TheOnlyOne,
        HandshakeContinuationTimeout = Agreement,
        RequestedHeartbeat = Heartbeat,
        SocketFactory = EndingSocket.Create,
    };

    private static async Task<IConnection> OpenAsync(
        ConnectionFactory factory, AmqpTcpEndpoint endpoint, string name, TimeSpan patience,
        CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        var opening = factory.CreateConnectionAsync([endpoint], name, limit.Token);
        try
        {
            // The client's own goodbye to a silent node would take 5 s more.
            var connection = await opening.WaitAsync(limit.Token);
            // A virtual host that does not exist is refused only after the connection has been handed out.
            await using var channel = await connection.CreateChannelAsync(cancellationToken: limit.Token);
            return connection;
        }
        catch (Exception failure)
        {
            _ = LeaveWhenOpenAsync(opening);
            if (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
                throw new TimeoutException(null, failure);
            throw;
        }
    }

    private static async Task LeaveWhenOpenAsync(Task<IConnection> opening)
    {
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (opening.IsCompletedSuccessfully)
            await (await opening).LeaveAsync();
    }

    /// <summary>Closes it with its channels; within a second it is left to itself. In an alarm the broker does not
    /// read the goodbye of a publisher, and the client waits 5 s for its answer and 20 s for each channel.</summary>
    public static async Task LeaveAsync(this IConnection connection) =>
        await CloseAsync(connection).WaitAsync(Goodbye, TimeProvider.System)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static async Task CloseAsync(IConnection connection)
    {
        await connection.AbortAsync(Goodbye);
        await connection.DisposeAsync();
    }
}

/// <summary>The connection of a background loop that asks RabbitMQ now and then: kept between rounds, replaced when it
/// is gone. One round at a time.</summary>
internal sealed class KeptConnection(ConnectionOptions servers, string name) : IDisposable
{
    private IConnection? _connection;

    /// <summary>One that is open.</summary>
    public async Task<IConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (_connection is { IsOpen: true })
            return _connection;
        _connection?.Dispose();
        return _connection = await RabbitConnection.OpenAsync(servers, name, cancellationToken);
    }

    /// <summary>Leaves one that does not answer; the next goes to another node where there are several.</summary>
    public void Abandon()
    {
        if (Interlocked.Exchange(ref _connection, null) is not { } silent)
            return;
        servers.Nodes.Avoid(silent.Endpoint);
        _ = silent.LeaveAsync();
    }

    public void Dispose() => _connection?.Dispose();
}
