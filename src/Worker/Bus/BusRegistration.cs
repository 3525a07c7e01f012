using MassTransit;
using Microsoft.Extensions.Options;
using VoiceWorker.Calls;
using VoiceWorker.Changes;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Observability;
using VoiceWorker.Servers;

namespace VoiceWorker.Bus;

/// <summary>MassTransit on RabbitMQ: two quorum queues, each reading one contract.</summary>
internal static class BusRegistration
{
    /// <summary>Adds the bus. It is started by the boot sequence, not with the host.</summary>
    public static IServiceCollection AddBus(this IServiceCollection services)
    {
        services.AddMassTransit(bus =>
        {
            bus.AddConsumer<CallStartedConsumer>();
            bus.AddConsumer<BusinessVoiceChangedConsumer>();
            bus.UsingRabbitMq(Configure);
        });
        return services.AddSingleton<InputTopology>().RemoveMassTransitHostedService();
    }

    private static void Configure(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator rabbit)
    {
        ConfigureHost(rabbit, context.GetRequiredService<IOptions<ConnectionOptions>>().Value);
        rabbit.ReceiveEndpoint(QueueNames.CallStarted, endpoint =>
        {
            ConfigureQueue(context, endpoint, QueueNames.CallStarted, Exchanges.CallStarted);
            endpoint.UseContract(ContractsJson.Default.CallStarted, EnvelopeJson.Default.EnvelopeCallStarted);
            endpoint.ConfigureConsumer<CallStartedConsumer>(context);
        });
        rabbit.ReceiveEndpoint(QueueNames.BusinessVoiceChanged, endpoint =>
        {
            ConfigureQueue(context, endpoint, QueueNames.BusinessVoiceChanged, Exchanges.BusinessVoiceChanged);
            endpoint.UseContract(
                ContractsJson.Default.BusinessVoiceChanged, EnvelopeJson.Default.EnvelopeBusinessVoiceChanged);
            endpoint.ConfigureConsumer<BusinessVoiceChangedConsumer>(context);
        });
    }

    /// <summary>The broker, and how it is connected to.</summary>
    public static void ConfigureHost(IRabbitMqBusFactoryConfigurator rabbit, ConnectionOptions servers) =>
        rabbit.Host(new Uri(servers.RabbitMq), "voice-worker", host =>
        {
            host.MaxMessageSize(RabbitConnection.LargestMessage);
            host.Heartbeat(RabbitConnection.Heartbeat);
            host.OnRefreshConnectionFactory = factory =>
            {
                RabbitTls.Apply(factory, servers);
                return Task.CompletedTask;
            };
        });

    private static void ConfigureQueue(
        IBusRegistrationContext context, IRabbitMqReceiveEndpointConfigurator endpoint, string queue, string exchange)
    {
        var options = context.GetRequiredService<IOptions<BusOptions>>().Value;
        endpoint.SetQuorumQueue();
        foreach (var (name, value) in QueueArguments.OfInput(queue, options.DeliveryLimit))
            endpoint.SetQueueArgument(name, value);
        endpoint.BindDeadLetterQueue(QueueNames.DeadLetterOf(queue), QueueNames.DeadLetterOf(queue), dead =>
        {
            foreach (var (name, value) in QueueArguments.OfDeadLetters())
                dead.SetQueueArgument(name, value);
        });
        endpoint.UseFilter(new ConsumeSpanFilter(queue));
        endpoint.UseErrorQueue(
            QueueNames.ErrorOf(queue),
            new FaultLog(
                queue, QueueNames.ErrorOf(queue), TimeProvider.System, context.GetRequiredService<ILogger<FaultLog>>()),
            new FailureCountFilter(queue, context.GetRequiredService<WorkerMetrics>()));
        endpoint.ConnectReceiveEndpointObserver(
            new EndpointLog(queue, context.GetRequiredService<ILogger<EndpointLog>>()));
        endpoint.ConfigureConsumeTopology = false;
        endpoint.Bind(exchange, binding => binding.ExchangeType = "fanout");
        endpoint.PublishFaults = false;
        endpoint.ConfigureChannel(channel => channel.UseFilter(new CoalesceAcksFilter(TimeProvider.System)));
        endpoint.PrefetchCount = (ushort)options.Prefetch;
        // Only how many dispatch deliveries: none of them waits for what becomes of one.
        endpoint.ConcurrentMessageLimit = Environment.ProcessorCount;
    }
}
