using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using VoiceWorker.Servers;

namespace VoiceWorker.Bus;

/// <summary>
/// A connection that publishes and never consumes. In a memory or disk alarm the broker stops to read a connection that
/// publishes, with the acknowledgements that are sent on it; and over some replies it closes the whole connection.
/// </summary>
internal sealed class PublishingConnection(ConnectionOptions servers, string name) : IAsyncDisposable
{
    private readonly SemaphoreSlim _opening = new(1);
    private IConnection? _connection;
    private volatile TaskCompletionSource? _blocked;
    private volatile bool _isDistrusted;

    /// <summary>Whether the broker reads it: not so in an alarm.</summary>
    public bool IsBlocked => _blocked is not null;

    /// <summary>Whether the next one is to be another: what was published on this one is not confirmed.</summary>
    public bool IsDistrusted => _isDistrusted;

    /// <summary>The node at its other end may be gone without a word: the next one is another.</summary>
    public void Distrust() => _isDistrusted = true;

    /// <summary>One that is open, as soon as the broker reads it.</summary>
    public async Task<IConnection> OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_connection is not { IsOpen: true } || _isDistrusted)
                _connection = await ReplaceAsync(cancellationToken);
            if (_blocked is { } blocked)
                await blocked.Task.WaitAsync(cancellationToken);
            return _connection;
        }
        finally
        {
            _opening.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
            await connection.LeaveAsync();
    }

    private async Task<IConnection> ReplaceAsync(CancellationToken cancellationToken)
    {
        if (_connection is { } lost)
            await lost.LeaveAsync();
        _isDistrusted = false;
        Unblock();
        var connection = await RabbitConnection.OpenAsync(servers, name, cancellationToken);
        connection.ConnectionBlockedAsync += OnBlockedAsync;
        connection.ConnectionUnblockedAsync += (_, _) => OnUnblockedAsync();
        connection.ConnectionShutdownAsync += (_, _) => OnUnblockedAsync();
        return connection;
    }

    private Task OnBlockedAsync(object sender, ConnectionBlockedEventArgs reason)
    {
        _blocked ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return Task.CompletedTask;
    }

    private Task OnUnblockedAsync()
    {
        Unblock();
        return Task.CompletedTask;
    }

    private void Unblock()
    {
        var blocked = _blocked;
        _blocked = null;
        blocked?.TrySetResult();
    }
}
