using RabbitMQ.Client;

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

    // How long a goodbye may take: in an alarm the broker does not read what a publisher sends.
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(1);

    /// <summary>Opens one that does not recover by itself: its owner notices and opens another.</summary>
    /// <param name="name">Shown in RabbitMQ's list of connections.</param>
    public static async Task<IConnection> OpenAsync(
        ConnectionOptions servers, string name, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            Uri = new Uri(servers.RabbitMq),
            AutomaticRecoveryEnabled = false,
            RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
            MaxInboundMessageBodySize = LargestMessage,
            RequestedHeartbeat = Heartbeat,
        };
        RabbitTls.Apply(factory, servers);
        var connection = await factory.CreateConnectionAsync(name, cancellationToken);
        try
        {
            // A virtual host that does not exist is refused only after the connection has been handed out.
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
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

    public void Dispose() => _connection?.Dispose();
}
