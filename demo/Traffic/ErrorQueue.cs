using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Demo.Traffic;

/// <summary>Where the worker puts a CallStarted that breaks its contract.</summary>
internal static class ErrorQueue
{
    public const string Name = "voice-worker.call-started_error";
    public const string ReasonHeader = "MT-Fault-Message";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>The reason given with the message whose body has this mark; null when none comes within 15 s. Takes that
    /// message out; any others stay in the queue.</summary>
    public static async Task<string?> TakeReasonAsync(IConnection connection, string mark, CancellationToken cancellationToken)
    {
        if (!await Polling.UntilAsync(token => ExistsAsync(connection, token), Patience, cancellationToken))
            return null;
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var reason = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            if (!Encoding.UTF8.GetString(delivery.Body.Span).Contains(mark, StringComparison.Ordinal))
                return;
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, CancellationToken.None);
            reason.TrySetResult(HeaderOf(delivery.BasicProperties));
        };
        await channel.BasicConsumeAsync(Name, autoAck: false, consumer, cancellationToken);
        await Polling.UntilAsync(_ => Task.FromResult(reason.Task.IsCompleted), Patience, cancellationToken);
        return reason.Task.IsCompleted ? await reason.Task : null;
    }

    // It is declared when it is needed for the first time. A failed look closes its channel.
    private static async Task<bool> ExistsAsync(IConnection connection, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            await channel.QueueDeclarePassiveAsync(Name, cancellationToken);
            return true;
        }
        catch (OperationInterruptedException)
        {
            return false;
        }
    }

    private static string HeaderOf(IReadOnlyBasicProperties properties) =>
        properties.Headers?.TryGetValue(ReasonHeader, out var value) == true && value is byte[] text
            ? Encoding.UTF8.GetString(text)
            : "";
}
