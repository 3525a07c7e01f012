using MassTransit;
using Microsoft.Extensions.Options;
using VoiceWorker.Boot;
using VoiceWorker.Consumers;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

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
        return services.RemoveMassTransitHostedService();
    }

    private static void Configure(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator rabbit)
    {
        var servers = context.GetRequiredService<IOptions<ConnectionOptions>>().Value;
        rabbit.Host(new Uri(servers.RabbitMq), "voice-worker", host => host.OnRefreshConnectionFactory = factory =>
        {
            RabbitTls.Apply(factory, servers);
            return Task.CompletedTask;
        });
        rabbit.ReceiveEndpoint(QueueNames.CallStarted, endpoint =>
        {
            ConfigureQueue(context, endpoint, QueueNames.CallStarted, Exchanges.CallStarted);
            endpoint.UseContract(ContractsJson.Default.CallStarted, EnvelopeJson.Default.EnvelopeCallStarted);
            endpoint.ConfigureConsumer<CallStartedConsumer>(context);
        });
        rabbit.ReceiveEndpoint(QueueNames.BusinessVoiceChanged, endpoint =>
        {
            ConfigureQueue(context, endpoint, QueueNames.BusinessVoiceChanged, Exchanges.BusinessVoiceChanged);
            endpoint.UseContract(ContractsJson.Default.BusinessVoiceChanged, EnvelopeJson.Default.EnvelopeBusinessVoiceChanged);
            endpoint.ConfigureConsumer<BusinessVoiceChangedConsumer>(context);
        });
    }

    private static void ConfigureQueue(
        IBusRegistrationContext context, IRabbitMqReceiveEndpointConfigurator endpoint, string queue, string exchange)
    {
        var options = context.GetRequiredService<IOptions<BusOptions>>().Value;
        endpoint.SetQuorumQueue();
        // Always explicit: RabbitMQ 4 drops a message after 20 deliveries by default.
        endpoint.SetQueueArgument("x-delivery-limit", options.DeliveryLimit);
        endpoint.BindDeadLetterQueue(QueueNames.DeadLetterOf(queue), QueueNames.DeadLetterOf(queue), dead =>
            dead.SetQueueArgument("x-queue-type", "quorum"));
        // The moving to the dead-letter queue is confirmed as well; that needs reject-publish.
        endpoint.SetQueueArgument("x-dead-letter-strategy", "at-least-once");
        endpoint.SetQueueArgument("x-overflow", "reject-publish");
        endpoint.ConfigureConsumeTopology = false;
        endpoint.Bind(exchange, binding => binding.ExchangeType = "fanout");
        endpoint.PublishFaults = false;
        endpoint.PrefetchCount = (ushort)options.Prefetch;
        endpoint.ConcurrentMessageLimit = options.Prefetch;
    }
}
