using System.Diagnostics;
using RabbitMQ.Client;
using VoiceWorker.Tests.Faults.Traffic;

namespace VoiceWorker.Tests.Cluster.Traffic;

/// <summary>
/// A producer in no particular language that publishes so many messages a second, whatever becomes of them. What is
/// not confirmed in time is published again over another connection: a channel that was first used while a queue had no
/// leader never confirms.
/// </summary>
public sealed class Producer(
    IReadOnlyList<Uri> nodes, Func<Message> next, int perSecond, Action<Message> confirmed)
{
    private const int MostAtOnce = 100;

    private static readonly CreateChannelOptions Confirmed = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    private static readonly TimeSpan ConfirmPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly List<Message> _unconfirmed = [];
    private long _begun;
    private int _taken;

    /// <summary>Publishes until it is cancelled, and then until everything is confirmed.</summary>
    public async Task PublishAsync(CancellationToken ending, CancellationToken cancellationToken)
    {
        _begun = Stopwatch.GetTimestamp();
        while (!ending.IsCancellationRequested || !IsIdle)
        {
            try
            {
                await PublishOnAsync(ending, cancellationToken);
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    private async Task PublishOnAsync(CancellationToken ending, CancellationToken cancellationToken)
    {
        var connection = await PlainConnection.OpenAsync(nodes, "producer", cancellationToken);
        try
        {
            var channel = await connection.CreateChannelAsync(
                Confirmed, cancellationToken).WaitAsync(ConfirmPatience, cancellationToken);
            while (!ending.IsCancellationRequested || !IsIdle)
            {
                TakeDue(ending);
                await Task.WhenAll(Oldest().Select(message => PublishAsync(channel, message, cancellationToken)))
                    .WaitAsync(ConfirmPatience, cancellationToken);
                if (IsIdle)
                    await Task.Delay(Pause, cancellationToken);
            }
        }
        finally
        {
            await connection.AbortAsync(TimeSpan.FromSeconds(1)).WaitAsync(ConfirmPatience, CancellationToken.None)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void TakeDue(CancellationToken ending)
    {
        if (ending.IsCancellationRequested)
            return;
        for (var due = (int)(Stopwatch.GetElapsedTime(_begun).TotalSeconds * perSecond); _taken < due; _taken++)
        {
            lock (_unconfirmed)
                _unconfirmed.Add(next());
        }
    }

    private bool IsIdle
    {
        get
        {
            lock (_unconfirmed)
                return _unconfirmed.Count == 0;
        }
    }

    private List<Message> Oldest()
    {
        lock (_unconfirmed)
            return [.. _unconfirmed.Take(MostAtOnce)];
    }

    private async Task PublishAsync(IChannel channel, Message message, CancellationToken cancellationToken)
    {
        await message.PublishAsync(channel, cancellationToken);
        confirmed(message);
        lock (_unconfirmed)
            _unconfirmed.Remove(message);
    }
}
