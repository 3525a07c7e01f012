using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Infrastructure.Servers;

/// <summary>A RabbitMQ broker with one user that may do everything.</summary>
public abstract class RabbitMqServer : IAsyncDisposable
{
    /// <summary>With user name and password; the default virtual host.</summary>
    public abstract Uri AmqpUri { get; }

    /// <summary>
    /// Finds the broker of <c>VOICE_RABBITMQ</c>, or starts one in Docker, or from local binaries;
    /// <c>VOICE_SERVERS=docker|local</c> forces one of the last two.
    /// </summary>
    /// <exception cref="ServerUnavailableException">None can be had; the message names all that was tried.</exception>
    public static Task<RabbitMqServer> FindAsync(ServerOptions options, CancellationToken cancellationToken) =>
        new ServerSearch<RabbitMqServer>("RabbitMQ", options.Progress)
        {
            Variable = "VOICE_RABBITMQ",
            Given = async (uri, token) => await GivenRabbitMq.ConnectAsync(uri, token),
            Container = async token => await ContainerRabbitMq.LaunchAsync(options, token),
            Local = async token => await LocalRabbitMq.LaunchAsync(options, token),
        }.FindAsync(cancellationToken);

    /// <summary><c>rabbitmqctl</c> with these arguments, on this broker.</summary>
    /// <exception cref="CommandFailedException">It says no.</exception>
    /// <exception cref="NotSupportedException">The broker was given, not started here.</exception>
    public abstract Task<string> ControlAsync(IEnumerable<string> arguments, CancellationToken cancellationToken);

    /// <summary>Whether no consumer holds a delivery that it has not acknowledged, as the channels have it: who declares
    /// a queue passively is told what waits, and a quorum queue's own count of them is up to 5 s old.</summary>
    public async Task<bool> HoldsNoDeliveryAsync(CancellationToken cancellationToken)
    {
        var held = await ControlAsync(
            ["list_channels", "-q", "--no-table-headers", "messages_unacknowledged"], cancellationToken);
        return held.Split('\n', StringSplitOptions.RemoveEmptyEntries).All(count => count == "0");
    }

    /// <summary>Adds virtual hosts, each with all rights for the user of <see cref="AmqpUri"/>, and returns the ways to
    /// them. Only of a broker that was started here; one that was given has its own virtual host and no other.</summary>
    public virtual async Task<IReadOnlyList<Uri>> AddVirtualHostsAsync(
        IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var definitions = VirtualHostDefinitions.Of(names, Uri.UnescapeDataString(AmqpUri.UserInfo.Split(':')[0]));
        await ImportDefinitionsAsync(definitions, cancellationToken);
        return [.. names.Select(name => new UriBuilder(AmqpUri) { Path = name }.Uri)];
    }

    public abstract ValueTask DisposeAsync();

    private protected abstract Task ImportDefinitionsAsync(byte[] definitions, CancellationToken cancellationToken);

    private protected static async Task<bool> AnswersAsync(Uri uri, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            Uri = uri,
            AutomaticRecoveryEnabled = false,
            RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
        };
        try
        {
            await using var connection = await factory.CreateConnectionAsync(cancellationToken);
            return true;
        }
        catch (BrokerUnreachableException)
        {
            return false;
        }
    }
}
