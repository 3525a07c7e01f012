using System.ComponentModel.DataAnnotations;
using System.Net.Sockets;
using System.Text.Json.Serialization.Metadata;
using MassTransit;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using VoiceWorker.Health;
using VoiceWorker.Observability;
using VoiceWorker.Servers;

namespace VoiceWorker.Bus;

// How to read this room.
//
// A delivery, from its queue to its acknowledgement:
//   begin    CoalescingChannel wraps the channel of the endpoint. ConcurrentConsumer begins each delivery without
//            waiting for those before it; Bus:Prefetch is the only limit. FastPath takes plain calls from here straight
//            to their consumer and on to "ack" (ADR 25); what it leaves, or what fails there, goes on below.
//   read     ContractEncodings: a queue has one contract, as plain JSON or in MassTransit's envelope, read once into a
//            Reading; what breaks the contract is read once more, field by field, to name every broken rule. Asker
//            keeps the caller's addresses beside it, because MassTransit would declare them.
//   consume  ConsumeSpanFilter, then the consumer that the use case has added (AddInput). It returns after the commit.
//   reply    Replies → ReplyPublisher, best effort. The consumer does not wait for it; the acknowledgement does, for
//            seconds at most.
//   ack      AckSender, one for each channel: what is done goes out as one basic.ack(multiple). DeliveryWindow knows up
//            to which tag.
//
// A delivery that fails goes through FaultPipe, the filters in this order: count it; log what became of it (FaultLog);
// give it back to its queue if the failure can pass (DeliveryFailure judges); else answer the caller with a fault or a
// Refusal (FaultReplyFilter) and move it to the error queue (ErrorQueueFilter), its bytes and properties as they came,
// the reason in FaultHeaders, as far as HeaderFrame has room. It is acknowledged when the broker has confirmed the
// move. RabbitMQ itself moves what is given back too often to the dead-letter queue.
//
// Connections: one that consumes never publishes. In an alarm the broker stops reading a connection that publishes,
// with the acknowledgements on it; over some replies it closes the connection, with the deliveries on it. So the error
// queues have a PublishingConnection, and so has each ReplyLane: one for most replies, one for those that may close it.
// All find a node by RabbitConnection; BusNodes does so for MassTransit.
//
// Start: InputTopology declares before the bus starts, because MassTransit takes a queue with other arguments for a
// lost connection and tries for ever. InputBus starts and stops the bus; EndpointLog logs when a queue is lost and when
// it is consumed again. InputFlow counts what comes of a queue, and DeliveryWatch notices when nothing does. Inputs has
// each Intake shut or open, as operators have it (ADR 27).
// RehearsalBus is a second bus, with a queue of its own, for the calls before the first.
//
// ADR 17 says what MassTransit still does here, and what would take its place.

/// <summary>MassTransit on RabbitMQ: a receive endpoint for each input that a use case has added.</summary>
internal static class BusRegistration
{
    // Is read after the options, and stands above them: another program's may be in the same environment.
    private const string UsageTelemetryVariable = "MASSTRANSIT_USAGE_TELEMETRY";

    /// <summary>Adds the bus. It is started by the boot sequence, not with the host.</summary>
    public static IServiceCollection AddBus(this IServiceCollection services)
    {
        Environment.SetEnvironmentVariable(UsageTelemetryVariable, null);
        services.AddMassTransit(bus =>
        {
            // It would report to its maker, and ask the cloud for metadata.
            bus.DisableUsageTelemetry();
            bus.UsingRabbitMq(Configure);
        });
        services.AddHealthChecks().AddCheck<BusNodes>("broker", tags: [HealthEndpoints.ReadyTag])
            .AddCheck<DeliveryWatch>("deliveries", tags: [HealthEndpoints.ReadyTag]);
        return services.AddSingleton<InputTopology>().AddSingleton<InputBus>().AddSingleton<BusNodes>()
            .AddSingleton<Inputs>().AddSingleton<DeliveryWatch>()
            .AddSingleton<ReplyLosses>().AddSingleton<ReplyPublisher>().AddSingleton<Replies>()
            .AddSingleton<ErrorQueues>()
            .RemoveMassTransitHostedService();
    }

    /// <summary>A queue, the contract of its messages, and the one consumer that takes them all.</summary>
    public static IServiceCollection AddInput<TMessage, TConsumer>(
        this IServiceCollection services, InputQueue queue,
        JsonTypeInfo<TMessage> plain, JsonTypeInfo<Envelope<TMessage>> enveloped)
        where TMessage : class
        where TConsumer : class, IConsumer<TMessage> => services
        .AddSingleton<TConsumer>()
        .AddSingleton(provider => new InputFlow(
            queue.Name, provider.GetRequiredService<IOptions<BusOptions>>().Value.Prefetch, TimeProvider.System))
        .AddSingleton(provider => InputOf(queue, provider.GetRequiredService<TConsumer>(), plain, enveloped));

    private static Input InputOf<TMessage, TConsumer>(
        InputQueue queue, TConsumer consumer, JsonTypeInfo<TMessage> plain, JsonTypeInfo<Envelope<TMessage>> enveloped)
        where TMessage : class
        where TConsumer : class, IConsumer<TMessage>
    {
        var spans = new ConsumeSpans(queue.Name);
        var fast = consumer is IFastConsumer<TMessage> taker ? new FastPath<TMessage>(plain, taker, spans) : null;
        return new(queue, spans, fast, endpoint =>
        {
            endpoint.UseContract(plain, enveloped);
            endpoint.Instance(consumer);
        });
    }

    /// <summary>The broker, and how it is connected to.</summary>
    /// <param name="findNode">Returns a connection to a node that can be used.</param>
    /// <param name="connect">Makes the socket of a connection.</param>
    public static void ConfigureHost(
        IRabbitMqBusFactoryConfigurator rabbit, ConnectionOptions servers, Func<Task<IConnection>> findNode,
        Func<AddressFamily, ITcpClient>? connect = null) =>
        rabbit.Host(servers.Nodes.Uri.Nodes[0], RabbitConnection.NameOf("voice-worker bus"), host =>
        {
            host.MaxMessageSize(RabbitConnection.LargestMessage);
            host.Heartbeat(RabbitConnection.Heartbeat);
            host.OnRefreshConnectionFactory = async factory =>
            {
                await BusNodes.AimAsync(factory, servers, findNode);
                factory.SocketFactory = connect ?? EndingSocket.Create;
            };
        });

    private static void Configure(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator rabbit)
    {
        ConfigureHost(
            rabbit, context.GetRequiredService<IOptions<ConnectionOptions>>().Value,
            context.GetRequiredService<BusNodes>().FindAsync);
        foreach (var input in context.GetServices<Input>())
        {
            rabbit.ReceiveEndpoint(input.Queue.Name, endpoint =>
            {
                ConfigureQueue(context, endpoint, input.Queue);
                ConfigureDeliveries(context, endpoint, input);
                input.Consume(endpoint);
            });
        }
    }

    private static void ConfigureQueue(
        IBusRegistrationContext context, IRabbitMqReceiveEndpointConfigurator endpoint, InputQueue queue)
    {
        var options = context.GetRequiredService<IOptions<BusOptions>>().Value;
        endpoint.SetQuorumQueue();
        foreach (var (name, value) in queue.Arguments(options.DeliveryLimit))
            endpoint.SetQueueArgument(name, value);
        endpoint.BindDeadLetterQueue(queue.Dead, queue.Dead, dead =>
        {
            foreach (var (name, value) in QueueArguments.OfDeadLetters())
                dead.SetQueueArgument(name, value);
        });
        endpoint.ConfigureConsumeTopology = false;
        endpoint.Bind(queue.Exchange, binding => binding.ExchangeType = "fanout");
        endpoint.PrefetchCount = (ushort)options.Prefetch;
        // Only how many dispatch deliveries: none of them waits for what becomes of one.
        endpoint.ConcurrentMessageLimit = Environment.ProcessorCount;
    }

    private static void ConfigureDeliveries(
        IBusRegistrationContext context, IRabbitMqReceiveEndpointConfigurator endpoint, Input input)
    {
        var queue = input.Queue;
        var faults = new FaultLog(
            queue.Name, queue.Error, TimeProvider.System, context.GetRequiredService<ILogger<FaultLog>>());
        endpoint.UseFilter(new ConsumeSpanFilter(input.Spans));
        endpoint.UseFilter(new FastFailureFilter());
        endpoint.UseErrorQueue(
            queue.Error, context.GetRequiredService<ErrorQueues>(), context.GetRequiredService<Replies>(), faults,
            new FailureCountFilter(queue.Name, context.GetRequiredService<WorkerMetrics>()));
        var flow = context.GetServices<InputFlow>().Single(flow => flow.Queue == queue.Name);
        var log = new EndpointLog(queue.Name, flow.Intake, context.GetRequiredService<ILogger<EndpointLog>>());
        endpoint.ConnectReceiveEndpointObserver(log);
        context.GetRequiredService<BusNodes>().Tell(log);
        endpoint.PublishFaults = false;
        endpoint.ConfigureChannel(channel =>
            channel.UseFilter(new CoalesceAcksFilter(flow, faults, input.Fast, TimeProvider.System)));
    }

    private sealed record Input(
        InputQueue Queue, ConsumeSpans Spans, IFastPath? Fast, Action<IReceiveEndpointConfigurator> Consume);
}

/// <summary>Section <c>Bus</c>.</summary>
internal sealed class BusOptions
{
    /// <summary>Deliveries of one queue in flight at a time; also how many calls are answered while the database is
    /// away.</summary>
    [Range(1, 65_535)]
    public int Prefetch { get; set; } = 5_000;

    /// <summary>Deliveries of one message before RabbitMQ moves it to the dead-letter queue; counts lost connections
    /// too.</summary>
    [Range(2, 100_000)]
    public int DeliveryLimit { get; set; } = 100;

    /// <summary>For how long a queue may hold messages while none comes, with room for more, until it is consumed over
    /// another connection; and for how long RabbitMQ may leave the watch that looks at it without an answer.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan SilenceLimit { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>Consumes every input queue, from its start to its stop.</summary>
internal sealed class InputBus(IBusControl bus, BusNodes nodes, ReplyPublisher replies)
{
    // In an alarm no reply leaves.
    private static readonly TimeSpan ReplyPatience = TimeSpan.FromSeconds(1);

    /// <summary>Returns when every queue is consumed.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => bus.StartAsync(cancellationToken);

    /// <summary>Takes no more deliveries, and returns when those in flight are done.</summary>
    public async Task StopAsync()
    {
        nodes.Leave();
        await bus.StopAsync(CancellationToken.None);
        await replies.DrainAsync(ReplyPatience);
    }
}

/// <summary>Logs when a queue is lost and when it is consumed again: a line per change, however often MassTransit
/// tries.</summary>
internal sealed class EndpointLog(string queue, Intake intake, ILogger<EndpointLog> logger) : IReceiveEndpointObserver
{
    private int _isLost;

    public Task Faulted(ReceiveEndpointFaulted faulted)
    {
        if (Interlocked.Exchange(ref _isLost, 1) == 0)
            logger.QueueLost(queue, faulted.Exception is { } failure ? DeliveryFailure.Of(failure).Words : "unknown");
        return Task.CompletedTask;
    }

    public Task Ready(ReceiveEndpointReady ready)
    {
        // What is paused is not consumed by that, and its resuming has a line of its own.
        if (Interlocked.Exchange(ref _isLost, 0) == 1 && !intake.IsShut)
            logger.QueueConsumedAgain(queue);
        return Task.CompletedTask;
    }

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;
}
