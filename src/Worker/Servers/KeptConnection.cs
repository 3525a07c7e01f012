using RabbitMQ.Client;

namespace VoiceWorker.Servers;

/// <summary>The connection of a background loop that asks RabbitMQ now and then: kept between rounds, replaced when it is
/// gone. One round at a time.</summary>
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
