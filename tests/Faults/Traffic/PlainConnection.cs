using RabbitMQ.Client;

namespace VoiceWorker.Tests.Faults.Traffic;

/// <summary>A connection that is lost when it is lost: its owner opens another.</summary>
internal static class PlainConnection
{
    public static Task<IConnection> OpenAsync(Uri broker, string name, CancellationToken cancellationToken) => new ConnectionFactory
    {
        Uri = broker,
        AutomaticRecoveryEnabled = false,
        RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
        ContinuationTimeout = TimeSpan.FromSeconds(20),
    }.CreateConnectionAsync($"faults {name}", cancellationToken);
}
