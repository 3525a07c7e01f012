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
    // More than the suite has tests that need one. All at once: each command of the broker's tool starts an Erlang.
    private const int Count = 192;

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
    private readonly Queue<Uri> _free;
    private readonly Uri? _only;

    private VirtualHosts(IReadOnlyList<Uri> hosts) =>
        (_free, _only) = (new(hosts), hosts.Count == 1 ? hosts[0] : null);

    public static async Task<VirtualHosts> AddAsync(RabbitMqServer broker, CancellationToken cancellationToken)
    {
        var hosts = await broker.AddVirtualHostsAsync(
            [.. Enumerable.Range(1, Count).Select(number => $"test-{number}")], cancellationToken);
        return hosts.Count > 1 || RunsOneByOne()
            ? new VirtualHosts(hosts)
            : throw new ServerUnavailableException(
                "VOICE_RABBITMQ has one virtual host, and tests run at the same time: add --parallel none");
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
