using System.Text.Json.Serialization.Metadata;
using MassTransit;
using VoiceWorker.Servers;

namespace VoiceWorker.Bus;

/// <summary>A bus with one queue of its own, which goes when it is left.</summary>
internal sealed class RehearsalBus : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly IBusControl _bus;

    private RehearsalBus(IBusControl bus) => _bus = bus;

    /// <summary>Returns when the queue is consumed; what cannot be started in time is stopped.</summary>
    public static async Task<RehearsalBus> StartAsync<TMessage, TConsumer>(
        ConnectionOptions servers, string queue, TConsumer consumer,
        JsonTypeInfo<TMessage> plain, JsonTypeInfo<Envelope<TMessage>> enveloped, CancellationToken cancellationToken)
        where TMessage : class
        where TConsumer : class, IConsumer<TMessage>
    {
        var bus = new RehearsalBus(MassTransit.Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            BusRegistration.ConfigureHost(
                rabbit, servers,
                () => RabbitConnection.OpenAsync(servers, "voice-worker rehearsal probe", cancellationToken));
            rabbit.ReceiveEndpoint(queue, endpoint =>
            {
                (endpoint.Durable, endpoint.AutoDelete, endpoint.ConfigureConsumeTopology) = (false, true, false);
                endpoint.UseContract(plain, enveloped);
                endpoint.Instance(consumer);
            });
        }));
        try
        {
            await bus._bus.StartAsync(cancellationToken);
            return bus;
        }
        catch
        {
            await bus.DisposeAsync();
            throw;
        }
    }

    // Not with a token that is cancelled already: such a stop waits for what it never asked for.
    public async ValueTask DisposeAsync() =>
        await _bus.StopAsync(CancellationToken.None).WaitAsync(Patience, TimeProvider.System, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
