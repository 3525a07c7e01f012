using System.Collections.Concurrent;
using RabbitMQ.Client;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Examples;

/// <summary>All kits at once: for each a business, a file and a queue of its own.</summary>
internal sealed class RunningKits : IAsyncDisposable
{
    private readonly TestServers _servers;
    private readonly IReadOnlyList<Kit> _kits;
    private readonly string _folder = Directory.CreateTempSubdirectory("voice-worker-examples-").FullName;
    private readonly ConcurrentBag<ExampleProcess> _started = [];
    private readonly ConcurrentDictionary<string, string> _queues = [];

    private RunningKits(TestServers servers, IReadOnlyList<Kit> kits) => (_servers, _kits) = (servers, kits);

    public int Count => _kits.Count;

    public IEnumerable<int> Businesses => _kits.Select(BusinessOf);

    public static async Task<RunningKits> InstallAsync(TestServers servers) => new(servers, await Kit.AllAsync());

    /// <summary>Starts every kit's audit consumer; returns when their queues are bound.</summary>
    /// <param name="broker">The way to it.</param>
    /// <param name="name">Of files and queues; the same name goes on where it was.</param>
    public Task<ExampleProcess[]> ConsumeAsync(Uri broker, string name) => Task.WhenAll(_kits.Select(async kit =>
    {
        var file = FileOf(kit, name);
        var queue = _queues.GetOrAdd(file, Path.GetFileName);
        var consumer = Start(kit.Consumer, new() { ["AMQP_URL"] = broker.ToString(), ["AUDIT_QUEUE"] = queue, ["AUDIT_FILE"] = file });
        await consumer.SaysAsync($"consuming {queue}");
        return consumer;
    }));

    /// <summary>Starts every kit's producer for its business.</summary>
    /// <param name="verb">Such as call.</param>
    /// <param name="argument">What comes after the business.</param>
    public IReadOnlyList<ExampleProcess> Produce(string verb, string argument) =>
    [
        .. _kits.Select(kit => Start(
            [.. kit.Producer, verb, $"{BusinessOf(kit)}", argument], new() { ["AMQP_URL"] = _servers.AmqpUri.ToString() })),
    ];

    /// <summary>Returns when every producer has ended well, with so many answers for its business.</summary>
    public async Task AssertAnsweredAsync(IReadOnlyList<ExampleProcess> producers, int calls)
    {
        foreach (var (kit, producer) in _kits.Zip(producers))
        {
            var answer = $"\"businessId\":{BusinessOf(kit)},\"voiceId\":\"coral\",\"source\":\"business\"";
            Assert.True(await producer.EndsAsync() == 0, $"{kit.Name}: {string.Join('\n', producer.Lines)}");
            Assert.Equal(calls, producer.Lines.Distinct().Count(line => line.Contains(answer, StringComparison.Ordinal)));
        }
    }

    /// <summary>Every consumer's own proof is that one, within a minute.</summary>
    public async Task AssertProvenAsync(string name, string when, Proof expected)
    {
        foreach (var kit in _kits)
        {
            var proof = await kit.ProveAsync(FileOf(kit, name), expected.Events);
            TestContext.Current.TestOutputHelper?.WriteLine($"{kit.Name}, {when}: {proof}");
            Assert.Equal(expected, proof);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _started)
            await process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        await using var broker = await BrokerClient.ConnectAsync(_servers.AmqpUri);
        foreach (var queue in _queues.Values)
            await broker.AmqpChannel.QueueDeleteAsync(queue, cancellationToken: CancellationToken.None);
    }

    private ExampleProcess Start(IReadOnlyList<string> command, Dictionary<string, string> environment)
    {
        var process = ExampleProcess.Start(command, environment);
        _started.Add(process);
        return process;
    }

    private int BusinessOf(Kit kit) => 41 + _kits.ToList().IndexOf(kit);

    private string FileOf(Kit kit, string name) => Path.Combine(_folder, $"{name}-{kit.Name}");
}
