using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using VoiceWorker.Client.Requests;

namespace VoiceWorker.Client.Connecting;

/// <summary>One connection to one node, from its opening to its end: publishes requests with confirms, one writer for
/// all callers, and hears their replies.</summary>
internal sealed class Session(Node node, Waiting waiting, Troubles troubles, Action onLate, ILogger logger)
{
    private const string Replies = "amq.rabbitmq.reply-to";

    // A node that has not let us in for so long is left too.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    // A node that confirms nothing for so long is left for another one.
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan StallCheck = TimeSpan.FromMilliseconds(500);

    private readonly Unconfirmed _unconfirmed = new();
    // Why, for people; null when it was we who ended it.
    private readonly TaskCompletionSource<string?> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    // Only the loop that reads the connection tells.
    private readonly HashSet<(string Exchange, string Reason)> _refused = [];
    private long _readyAt;
    private volatile bool _isBlocked;

    /// <summary>How long it has been of use.</summary>
    public TimeSpan Age => _readyAt == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_readyAt);

    /// <summary>Returns when it has ended, with the reason; null when <paramref name="stop"/> has.</summary>
    public async Task<string?> RunAsync(CancellationToken stop)
    {
        await using var stopping = stop.UnsafeRegister(static own => ((Session)own!).End(null), this)
            .ConfigureAwait(false);
        using var ended = new CancellationTokenSource();
        var opening = new Opening(node, logger, Patience);
        await using var watch = new Timer(_ => CheckProgress(), null, StallCheck, StallCheck).ConfigureAwait(false);
        try
        {
            await OpenAsync(opening, ended.Token, stop).ConfigureAwait(false);
            return await _end.Task.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            return stop.IsCancellationRequested ? null : Opening.TextOf(error);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            // Only at our own end there is time to say goodbye.
            if (stop.IsCancellationRequested && _readyAt != 0)
                await opening.DisposeAsync().ConfigureAwait(false);
            else
                opening.Leave();
        }
    }

    private async Task OpenAsync(Opening opening, CancellationToken ended, CancellationToken stop)
    {
        var connection = await opening.OpenAsync(stop).ConfigureAwait(false);
        var channel = await opening.WithinAsync(StartAsync(connection, stop), stop).ConfigureAwait(false);
        opening.End();
        _readyAt = Stopwatch.GetTimestamp();
        if (!_isBlocked)
            troubles.End();
        waiting.SendAllAgain();
        _ = WriteAsync(channel, ended);
    }

    private async Task<IChannel> StartAsync(IConnection connection, CancellationToken stop)
    {
        connection.ConnectionShutdownAsync += (_, reason) => EndAsync(reason);
        connection.ConnectionBlockedAsync += OnBlockedAsync;
        connection.ConnectionUnblockedAsync += OnUnblockedAsync;
        // RabbitMQ.Client's own tracking holds every publisher for a round trip.
        var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false),
            stop).ConfigureAwait(false);
        channel.ChannelShutdownAsync += (_, reason) => EndAsync(reason);
        channel.BasicAcksAsync += OnAckAsync;
        channel.BasicNacksAsync += OnNackAsync;
        channel.BasicReturnAsync += OnReturnAsync;
        await channel.BasicConsumeAsync(Replies, autoAck: true, new ReplyConsumer(channel, OnReply), stop)
            .ConfigureAwait(false);
        return channel;
    }

    private async Task WriteAsync(IChannel channel, CancellationToken ended)
    {
        try
        {
            while (await waiting.SignalledAsync(ended).ConfigureAwait(false))
            {
                while (!_isBlocked && _unconfirmed.HasRoom && waiting.TakeUnsent() is { } request)
                    await PublishAsync(channel, request, ended).ConfigureAwait(false);
            }
        }
        catch (Exception error)
        {
            // Whatever it is, the connection is of no more use: the next one sends what this one has not.
            End(Opening.TextOf(error));
        }
    }

    private async Task PublishAsync(IChannel channel, Request request, CancellationToken ended)
    {
        var left = (long)request.Remaining.TotalMilliseconds;
        if (left < 0 || request.IsSettled)
            return;
        var properties = new BasicProperties
        {
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
            CorrelationId = request.CorrelationId,
            ReplyTo = request.NeedsReply ? Replies : null,
            Expiration = request.Expires ? Math.Max(1, left).ToString(CultureInfo.InvariantCulture) : null,
        };
        if (request.TraceParent is not null)
            properties.Headers = new Dictionary<string, object?> { ["traceparent"] = request.TraceParent };
        request.Send();
        _unconfirmed.Add(request);
        await channel.BasicPublishAsync(request.Exchange, "", mandatory: true, properties, request.Body, ended)
            .ConfigureAwait(false);
    }

    private Task OnAckAsync(object sender, BasicAckEventArgs ack)
    {
        foreach (var request in _unconfirmed.Take(ack.DeliveryTag, ack.Multiple))
            request.Confirm();
        waiting.Signal();
        return Task.CompletedTask;
    }

    private Task OnNackAsync(object sender, BasicNackEventArgs nack)
    {
        foreach (var request in _unconfirmed.Take(nack.DeliveryTag, nack.Multiple))
        {
            TellRefusal(request.Exchange, "nack");
            request.Refuse("RabbitMQ has refused it (nack)");
        }

        waiting.Signal();
        return Task.CompletedTask;
    }

    // The return comes before the confirm of the same message.
    private Task OnReturnAsync(object sender, BasicReturnEventArgs returned)
    {
        TellRefusal(returned.Exchange, returned.ReplyText);
        waiting.Find(returned.BasicProperties.CorrelationId)?
            .Refuse($"no queue takes messages of {returned.Exchange} ({returned.ReplyText})");
        return Task.CompletedTask;
    }

    // Once for each connection: there may be thousands.
    private void TellRefusal(string exchange, string reason)
    {
        var level = _refused.Add((exchange, reason)) ? LogLevel.Warning : LogLevel.Debug;
        logger.MessageRefused(level, exchange, reason);
    }

    private void OnReply(string? correlationId, string? type, ReadOnlyMemory<byte> body)
    {
        _unconfirmed.Hear();
        if (waiting.Find(correlationId)?.Answer(type, body) != true && waiting.TakeLate(correlationId))
            onLate();
    }

    private Task OnBlockedAsync(object sender, ConnectionBlockedEventArgs blocked)
    {
        _isBlocked = true;
        troubles.Tell($"RabbitMQ takes no messages ({blocked.Reason})");
        return Task.CompletedTask;
    }

    private Task OnUnblockedAsync(object sender, AsyncEventArgs unblocked)
    {
        _isBlocked = false;
        _unconfirmed.Hear();
        troubles.End();
        waiting.Signal();
        return Task.CompletedTask;
    }

    private void CheckProgress()
    {
        if (!_isBlocked && _unconfirmed.Silence > Stall)
            End($"it has confirmed nothing for {Stall.TotalSeconds:0} s");
    }

    private Task EndAsync(ShutdownEventArgs reason)
    {
        End(reason.Exception is { } error ? Opening.TextOf(error) : $"{reason.ReplyCode} {reason.ReplyText}");
        return Task.CompletedTask;
    }

    private void End(string? failure) => _end.TrySetResult(failure);
}
