using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VoiceWorker.Client.Audit;

namespace VoiceWorker.Client;

/// <summary>Adds the client, and consumers of the audit trail, to an application.</summary>
public static class VoiceWorkerClientServices
{
    /// <summary>Adds <see cref="IVoiceClient"/> as a singleton, which connects when the host starts: the start
    /// waits for it, two seconds at most.</summary>
    /// <param name="services">The application's.</param>
    /// <param name="uri">Where RabbitMQ is: an AMQP URI such as <c>amqp://user:password@host:5672/</c>.</param>
    /// <param name="configure">Its settings.</param>
    public static IServiceCollection AddVoiceWorkerClient(
        this IServiceCollection services, string uri, Action<VoiceClientOptions>? configure = null) =>
        services.AddVoiceWorkerClient([uri], configure);

    /// <summary>Adds <see cref="IVoiceClient"/> as a singleton, which connects when the host starts: the start
    /// waits for it, two seconds at most.</summary>
    /// <param name="services">The application's.</param>
    /// <param name="uris">Where RabbitMQ is: an AMQP URI for each node of a cluster.</param>
    /// <param name="configure">Its settings.</param>
    public static IServiceCollection AddVoiceWorkerClient(
        this IServiceCollection services, IEnumerable<string> uris, Action<VoiceClientOptions>? configure = null)
    {
        services.AddOptions<VoiceClientOptions>().Configure(options =>
        {
            foreach (var uri in uris)
                options.Uris.Add(uri);
            configure?.Invoke(options);
        });
        services.AddSingleton<IVoiceClient>(static provider => new VoiceClient(
            provider.GetRequiredService<IOptions<VoiceClientOptions>>().Value, provider.GetService<ILoggerFactory>()));
        return services.AddHostedService<ConnectAtStart>();
    }

    /// <summary>Adds a consumer of the audit trail, which runs while the host does.</summary>
    /// <param name="services">The application's.</param>
    /// <param name="options">Where RabbitMQ is, and which queue.</param>
    /// <param name="ledger">Which events have been handled; called once, when the host starts.</param>
    /// <param name="handler">Gets each new event, and the services of the application.</param>
    /// <typeparam name="TTransaction">Of the ledger.</typeparam>
    public static IServiceCollection AddVoiceWorkerAuditConsumer<TTransaction>(
        this IServiceCollection services, AuditConsumerOptions options,
        Func<IServiceProvider, IAuditLedger<TTransaction>> ledger,
        Func<IServiceProvider, AuditHandler<TTransaction>> handler)
        where TTransaction : IAuditTransaction =>
        services.AddSingleton<IHostedService>(provider => new AuditConsumerService<TTransaction>(
            new AuditConsumer<TTransaction>(
                options, ledger(provider), handler(provider), provider.GetService<ILoggerFactory>())));

    private sealed class ConnectAtStart(IVoiceClient client) : IHostedService
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

        // Without RabbitMQ the application starts all the same.
        public Task StartAsync(CancellationToken cancellationToken) => client.ConnectAsync(Patience, cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class AuditConsumerService<TTransaction>(AuditConsumer<TTransaction> consumer) : BackgroundService
        where TTransaction : IAuditTransaction
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => consumer.RunAsync(stoppingToken);
    }
}
