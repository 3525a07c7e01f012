using System.Runtime.InteropServices;
using MassTransit;
using RabbitMQ.Client;
using VoiceWorker.Contracts;

namespace VoiceWorker.Example;

/// <summary>The queue of the audit consumer.</summary>
public static class AuditBus
{
    /// <summary>Keeps the trail in a file until Ctrl-C or SIGTERM.</summary>
    public static async Task RunAsync(Uri broker, string queue, string file)
    {
        using var ledger = new Ledger(file);
        var consumer = new AuditConsumer(ledger);
        var bus = await StartAsync(broker, queue, consumer);
        Console.WriteLine($"consuming {queue}");
        await TellAsync(consumer);
        await bus.StopAsync();
    }

    /// <summary>Waits for RabbitMQ, and returns when the queue is bound: it misses nothing from then on.</summary>
    public static async Task<IBusControl> StartAsync<T>(Uri broker, string queue, T consumer)
        where T : class, IConsumer<AnyAuditEvent>
    {
        var bus = Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            rabbit.Host(broker);
            rabbit.ReceiveEndpoint(queue, endpoint => Configure(endpoint, consumer));
        });
        await Broker.WaitForAsync(broker);
        await bus.StartAsync(TimeSpan.FromSeconds(30)); // from then on it reconnects without end
        return bus;
    }

    private static void Configure<T>(IRabbitMqReceiveEndpointConfigurator endpoint, T consumer)
        where T : class, IConsumer<AnyAuditEvent>
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.Bind(Exchanges.VoiceAudit, exchange => exchange.ExchangeType = ExchangeType.Fanout);
        endpoint.PrefetchCount = 500;
        endpoint.ConcurrentMessageLimit = 1;

        // Nothing is dropped, however often this process is killed, and where a policy limits the queue the worker waits.
        endpoint.SetQuorumQueue();
        endpoint.SetQueueArgument("x-delivery-limit", int.MaxValue);
        endpoint.SetQueueArgument("x-overflow", "reject-publish");
        // In order, also while RabbitMQ has not noticed that the connection before this one is dead.
        endpoint.SetQueueArgument("x-single-active-consumer", true);
        // What cannot be handled stays in the queue: moved aside it would be missing.
        endpoint.RethrowFaultedMessages();

        // Whatever type it says it is.
        endpoint.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType, isDefault: true);
        endpoint.Instance(consumer);
    }

    private static async Task TellAsync(AuditConsumer consumer)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var told = "";
        while (await timer.WaitForNextTickAsync())
        {
            if (told != consumer.Counts)
                Console.WriteLine(told = consumer.Counts);
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            timer.Dispose();
        }
    }
}
