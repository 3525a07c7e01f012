using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace VoiceWorker.Example;

/// <summary>Whether RabbitMQ answers. A bus tells nobody while it tries to connect.</summary>
internal static class Broker
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Returns when it does, or throws.</summary>
    /// <exception cref="BrokerUnreachableException">It does not answer, or does not let us in.</exception>
    public static async Task RequireAsync(Uri broker)
    {
        var factory = new ConnectionFactory
        {
            Uri = broker, RequestedConnectionTimeout = Patience, SocketReadTimeout = Patience, AutomaticRecoveryEnabled = false,
        };
        await (await factory.CreateConnectionAsync()).DisposeAsync();
    }

    /// <summary>Returns when it does, and says meanwhile that it does not.</summary>
    public static async Task WaitForAsync(Uri broker)
    {
        for (;;)
        {
            try
            {
                await RequireAsync(broker);
                return;
            }
            catch (BrokerUnreachableException unreachable)
            {
                Console.WriteLine($"{Explain(broker, unreachable)}; again in 1 s");
                await Task.Delay(TimeSpan.FromSeconds(1));
            }
        }
    }

    /// <summary>For people, without the password.</summary>
    public static string Explain(Uri broker, BrokerUnreachableException unreachable) =>
        $"RabbitMQ at {broker.Host} does not answer: {unreachable.GetBaseException().Message}";
}
