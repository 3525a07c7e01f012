using System.Globalization;
using System.Threading.Channels;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Examples;

/// <summary>Records every audit event, and has the worker publish them all again.</summary>
internal sealed class Replay
{
    private readonly ChannelReader<Delivery> _deliveries;
    private readonly Dictionary<string, string> _worker;
    private readonly HashSet<string> _events = [];

    private Replay(ChannelReader<Delivery> deliveries, Dictionary<string, string> worker) => (_deliveries, _worker) = (deliveries, worker);

    /// <summary>Begins with the next event.</summary>
    /// <param name="broker">Hears them.</param>
    /// <param name="worker">The environment that a worker needs.</param>
    public static async Task<Replay> RecordAsync(BrokerClient broker, Dictionary<string, string> worker) =>
        new(await broker.BindAsync(Exchanges.VoiceAudit), worker);

    /// <summary>Returns when so many different events have come.</summary>
    public async Task HasAsync(int count)
    {
        await Polling.UntilAsync(_ => Task.FromResult(Count() >= count), Waits.Longest, Token);
        Assert.True(_events.Count >= count, $"{_events.Count} of {count} events came");
    }

    private int Count()
    {
        while (_deliveries.TryRead(out var delivery))
            _events.Add(delivery.Properties.MessageId!);
        return _events.Count;
    }

    /// <summary>Runs <c>audit replay --all</c> to its end.</summary>
    public async Task PublishAsync()
    {
        await using var verb = WorkerProcess.Start(WorkerProcess.Dll, _worker, ["audit", "replay", "--all"]);
        var code = await verb.WaitForExitAsync(Token);
        Assert.True(code == 0, string.Join('\n', verb.Output));
        var published = string.Create(CultureInfo.InvariantCulture, $"{_events.Count:N0} events published to their exchanges");
        Assert.Contains(published, verb.Output);
        TestContext.Current.TestOutputHelper?.WriteLine($"audit replay --all: {published}");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
