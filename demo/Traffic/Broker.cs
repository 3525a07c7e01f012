using RabbitMQ.Client;

namespace VoiceWorker.Demo.Traffic;

/// <summary>Connections of the demonstration to RabbitMQ.</summary>
internal static class Broker
{
    public static Task<IConnection> ConnectAsync(Uri uri, CancellationToken cancellationToken) =>
        new ConnectionFactory { Uri = uri }.CreateConnectionAsync("voice-worker demonstration", cancellationToken);
}
