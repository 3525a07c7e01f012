using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.Fixtures;

/// <summary>
/// One virtual host for each test, or, where a fixture has asked first, one for all tests of its collection. The names of
/// queues are fixed by contract: two workers of one virtual host would share their messages.
/// </summary>
internal sealed class VirtualHosts
{
    // Each costs the broker as much as a test's work: as many as are needed. Each command of its tool starts an Erlang.
    private const int AtOnce = 32;

    private static readonly string[] Queues =
    [
        .. from name in new[] { "voice-worker.call-started", "voice-worker.business-voice-changed" }
           from suffix in new[] { "", "_error", "_dead" }
           select name + suffix,
        "voice-worker.published",
    ];

    private static readonly string[] All =
        [Exchanges.CallStarted, Exchanges.BusinessVoiceChanged, Exchanges.VoiceAudit, .. Exchanges.OfAuditEvents.Values];

    private readonly Dictionary<string, Uri> _taken = new(StringComparer.Ordinal);
    private readonly Queue<Uri> _free = new();
    private readonly RabbitMqServer _broker;
    private Uri? _only;
    private int _added;

    private VirtualHosts(RabbitMqServer broker) => _broker = broker;

    public static async Task<VirtualHosts> AddAsync(RabbitMqServer broker, CancellationToken cancellationToken)
    {
        var hosts = new VirtualHosts(broker);
        await hosts.AddAsync(cancellationToken);
        hosts._only = hosts._free.Count == 1 ? hosts._free.Peek() : null;
        return hosts._only is null || RunsOneByOne()
            ? hosts
            : throw new ServerUnavailableException(
                "VOICE_RABBITMQ has one virtual host, and tests run at the same time: add --parallel none");
    }

    private async Task AddAsync(CancellationToken cancellationToken)
    {
        var names = Enumerable.Range(_added + 1, AtOnce).Select(number => $"test-{number}");
        foreach (var host in await _broker.AddVirtualHostsAsync([.. names], cancellationToken))
            _free.Enqueue(host);
        _added += AtOnce;
    }

    /// <summary>The way to that of what runs.</summary>
    public Uri Of(ITestContext context)
    {
        lock (_taken)
        {
            var collection = context.TestCollection!.UniqueID;
            return _taken.TryGetValue(collection, out var shared)
                ? shared
                : Take(context.Test?.UniqueID ?? collection);
        }
    }

    private Uri Take(string user)
    {
        if (_taken.TryGetValue(user, out var taken))
            return taken;
        if (_only is not null)
            Clear(_only);
        else if (_free.Count == 0)
            Task.Run(() => AddAsync(CancellationToken.None)).GetAwaiter().GetResult();
        return _taken[user] = _only ?? _free.Dequeue();
    }

    // One test after the other: nobody else is there to wait meanwhile.
    private static void Clear(Uri host) => Task.Run(async () =>
    {
        await using var connection = await new ConnectionFactory { Uri = host }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        foreach (var queue in Queues)
            await channel.QueueDeleteAsync(queue);
        foreach (var exchange in All)
            await channel.ExchangeDeleteAsync(exchange);
    }).GetAwaiter().GetResult();

    private static bool RunsOneByOne()
    {
        var arguments = Environment.GetCommandLineArgs();
        var option = Array.IndexOf(arguments, "--parallel");
        return option >= 0 && arguments.ElementAtOrDefault(option + 1) == "none";
    }
}
