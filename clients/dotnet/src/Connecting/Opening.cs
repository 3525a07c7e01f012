using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace VoiceWorker.Client.Connecting;

/// <summary>Opens a connection within a limit, and leaves it without waiting for a node that does not answer.</summary>
/// <param name="node">Where.</param>
/// <param name="logger">Of the client.</param>
/// <param name="patience">For all that it takes, channel and consumer too.</param>
internal sealed class Opening(Node node, ILogger logger, TimeSpan patience) : IAsyncDisposable
{
    private readonly CancellationTokenSource _patience = new(patience);
    private Task<IConnection>? _connection;

    public Task<IConnection> OpenAsync(CancellationToken stop)
    {
        _connection = node.Factory.CreateConnectionAsync(_patience.Token);
        return WithinAsync(_connection, stop);
    }

    /// <summary>A step of the opening.</summary>
    /// <exception cref="TimeoutException">It has taken too long, all steps together.</exception>
    public async Task<T> WithinAsync<T>(Task<T> step, CancellationToken stop)
    {
        // When we leave it, it may fail yet, and nobody hears it.
        _ = step.ContinueWith(
            static failed => failed.Exception, CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_patience.Token, stop);
        try
        {
            return await step.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception) when (_patience.IsCancellationRequested)
        {
            throw new TimeoutException($"it has not let us in for {patience.TotalSeconds:0} s");
        }
    }

    /// <summary>It is open: no limit any more.</summary>
    public void End() => _patience.CancelAfter(Timeout.InfiniteTimeSpan);

    /// <summary>Returns at once; what there is, or comes late, is closed.</summary>
    public void Leave() => _ = DisposeAsync().AsTask();

    /// <summary>The same, and returns when it is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _patience.CancelAsync().ConfigureAwait(false);
            if (_connection is null)
                return;
            var connection = await _connection.ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
                await connection.CloseAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            logger.NotLeftInOrder(node.Name, error);
        }
        finally
        {
            _patience.Dispose();
        }
    }

    /// <summary>For people, without secrets.</summary>
    public static string TextOf(Exception error) => error.GetBaseException().Message;
}
