using VoiceWorker.Client;
using VoiceWorker.Infrastructure.Network;
using VoiceWorker.Infrastructure.Servers;
using VoiceWorker.Tests.Client.World;
using Xunit;

[assembly: AssemblyFixture(typeof(Broker))]

namespace VoiceWorker.Tests.Client.World;

/// <summary>The real RabbitMQ of this run.</summary>
public sealed class Broker : IAsyncLifetime
{
    private RabbitMqServer _server = null!;
    private VirtualHosts _virtualHosts = null!;

    /// <summary>The virtual host of the test that runs.</summary>
    public Uri Uri => _virtualHosts.Of(TestContext.Current);

    public async ValueTask InitializeAsync()
    {
        var token = TestContext.Current.CancellationToken;
        var options = new ServerOptions { Progress = Console.Error.WriteLine, PrefersMemory = true };
        _server = await RabbitMqServer.FindAsync(options, token);
        _virtualHosts = await VirtualHosts.AddAsync(_server, token);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>A client that knows this way, or these.</summary>
    public VoiceClient Connect(params Uri[] ways) => Connect(null, ways);

    public VoiceClient Connect(Microsoft.Extensions.Logging.ILoggerFactory? log, params Uri[] ways) => new(
        new VoiceClientOptions
        {
            Uris = [.. (ways.Length == 0 ? [Uri] : ways).Select(way => way.AbsoluteUri)],
            Timeout = Waits.Longest, ChangeTimeout = Waits.Longest,
        },
        log);

    /// <summary>A way that can be cut, and the proxy that it goes through.</summary>
    public (FaultProxy Proxy, Uri Way) Detour()
    {
        var proxy = new FaultProxy(Uri.Host, Uri.Port);
        return (proxy, new UriBuilder(Uri) { Host = "127.0.0.1", Port = proxy.Port }.Uri);
    }
}
