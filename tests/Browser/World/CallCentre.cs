using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.Browser.World;

/// <summary>A migrated database of the application and a virtual host, with somebody who consumes audit events: what a
/// worker and consoles meet in.</summary>
internal sealed class CallCentre : IAsyncDisposable
{
    private const int Businesses = 100;

    private readonly List<ConsoleUnderTest> _consoles = [];
    private readonly Dictionary<string, string> _connections;

    private CallCentre(LegacyDatabase database, BrokerClient broker, Dictionary<string, string> connections) =>
        (Database, Broker, _connections) = (database, broker, connections);

    public LegacyDatabase Database { get; }

    public BrokerClient Broker { get; }

    public static async Task<CallCentre> OpenAsync(TestServers servers) =>
        await OpenAsync(await servers.Migrated.CopyAsync(Businesses), servers.AmqpUri);

    /// <summary>The same on servers that can be hurt.</summary>
    public static async Task<CallCentre> OpenAsync(LocalPostgres postgres, LocalRabbitMq rabbitMq) =>
        await OpenAsync(await LegacyDatabase.CreateMigratedAsync(postgres, Businesses), rabbitMq.AmqpUri);

    private static async Task<CallCentre> OpenAsync(LegacyDatabase database, Uri rabbitMq)
    {
        var broker = await BrokerClient.ConnectAsync(rabbitMq);
        await broker.AmqpChannel.ExchangeDeclareAsync(
            Exchanges.VoiceAudit, ExchangeType.Fanout, durable: true, cancellationToken: TestContext.Current.CancellationToken);
        await broker.BindAsync(Exchanges.VoiceAudit);
        return new CallCentre(database, broker, RunningWorker.Connections(database.WorkerConnectionString, rabbitMq));
    }

    /// <summary>A worker with a console beside it.</summary>
    public async Task<ConsoleUnderTest> StartWorkerAsync(params string[] settings) =>
        Keep(await ConsoleUnderTest.StartWithWorkerAsync(_connections, settings));

    /// <summary>A console alone.</summary>
    public async Task<ConsoleUnderTest> StartConsoleAsync(params string[] settings) =>
        Keep(await ConsoleUnderTest.StartAloneAsync(_connections, settings));

    public async ValueTask DisposeAsync()
    {
        foreach (var console in _consoles)
            await console.DisposeAsync();
        await Broker.DisposeAsync();
        await Database.DisposeAsync();
    }

    private ConsoleUnderTest Keep(ConsoleUnderTest console)
    {
        _consoles.Add(console);
        return console;
    }
}
