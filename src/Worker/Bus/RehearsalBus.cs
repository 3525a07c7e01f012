using System.Net.Sockets;
using System.Text.Json.Serialization.Metadata;
using MassTransit;
using RabbitMQ.Client;
using VoiceWorker.Servers;

namespace VoiceWorker.Bus;

/// <summary>A bus with one queue of its own, which goes when it is left.</summary>
internal sealed class RehearsalBus : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly IBusControl _bus;
    private readonly Sockets _sockets;

    private RehearsalBus(IBusControl bus, Sockets sockets) => (_bus, _sockets) = (bus, sockets);

    /// <summary>Returns when the queue is consumed; what cannot be started in time is stopped.</summary>
    public static async Task<RehearsalBus> StartAsync<TMessage, TConsumer>(
        ConnectionOptions servers, string queue, TConsumer consumer,
        JsonTypeInfo<TMessage> plain, JsonTypeInfo<Envelope<TMessage>> enveloped, FaultLog faults,
        CancellationToken cancellationToken)
        where TMessage : class
        where TConsumer : class, IConsumer<TMessage>, IFastConsumer<TMessage>
    {
        var flow = new InputFlow(queue, prefetch: ushort.MaxValue, TimeProvider.System);
        var fast = new FastPath<TMessage>(plain, consumer, new ConsumeSpans(queue));
        var sockets = new Sockets();
        var bus = new RehearsalBus(MassTransit.Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            BusRegistration.ConfigureHost(
                rabbit, servers,
                () => RabbitConnection.OpenAsync(servers, "voice-worker rehearsal probe", cancellationToken),
                sockets.Open);
            rabbit.ReceiveEndpoint(queue, endpoint =>
            {
                (endpoint.Durable, endpoint.AutoDelete, endpoint.ConfigureConsumeTopology) = (false, true, false);
                endpoint.UseContract(plain, enveloped);
                endpoint.Instance(consumer);
                endpoint.ConfigureChannel(channel =>
                    channel.UseFilter(new CoalesceAcksFilter(flow, faults, fast, TimeProvider.System)));
            });
        }), sockets);
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

    // Not with a token that is cancelled already: such a stop waits for what it never asked for. One that fails, as
    // where the queue was refused, leaves a connection that asks for it again and again.
    public async ValueTask DisposeAsync()
    {
        await _bus.StopAsync(CancellationToken.None).WaitAsync(Patience, TimeProvider.System, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _sockets.Close();
    }

    private sealed class Sockets
    {
        private readonly List<ITcpClient> _open = [];
        private bool _isClosed;

        public ITcpClient Open(AddressFamily family)
        {
            lock (_open)
            {
                if (_isClosed)
                    throw new SocketException((int)SocketError.Shutdown);
                _open.Add(EndingSocket.Create(family));
                return _open[^1];
            }
        }

        public void Close()
        {
            lock (_open)
            {
                _isClosed = true;
                _open.ForEach(socket => socket.Dispose());
            }
        }
    }
}
