using RabbitMQ.Client;
using VoiceWorker.Infrastructure.Servers;
using VoiceWorker.Tests.Faults.Traffic;

namespace VoiceWorker.Tests.Faults.World;

/// <summary>A broker that takes its disk for full: whoever publishes is not read any more.</summary>
internal sealed class DiskAlarm : IAsyncDisposable
{
    private const string MoreThanAnyDisk = "1000000000000000";
    private const string AsConfigured = "50MB";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly LocalRabbitMq _broker;

    private DiskAlarm(LocalRabbitMq broker) => _broker = broker;

    public static async Task<DiskAlarm> RaiseAsync(LocalRabbitMq broker, CancellationToken cancellationToken)
    {
        await broker.ControlAsync(["set_disk_free_limit", MoreThanAnyDisk], cancellationToken);
        return new DiskAlarm(broker);
    }

    /// <summary>Returns when the broker has said so to one who tried.</summary>
    public async Task PublisherIsBlockedAsync(CancellationToken cancellationToken)
    {
        var blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var connection = await PlainConnection.OpenAsync(_broker.AmqpUri, "disk alarm", cancellationToken);
        connection.ConnectionBlockedAsync += (_, _) =>
        {
            blocked.TrySetResult();
            return Task.CompletedTask;
        };
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.BasicPublishAsync("", "nowhere", Array.Empty<byte>(), cancellationToken);
        await blocked.Task.WaitAsync(Patience, cancellationToken);
        // Its goodbye would not be read either.
        await connection.AbortAsync(TimeSpan.FromSeconds(1));
    }

    public async ValueTask DisposeAsync() =>
        await _broker.ControlAsync(["set_disk_free_limit", AsConfigured], CancellationToken.None);
}
