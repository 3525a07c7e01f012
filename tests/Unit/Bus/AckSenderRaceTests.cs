using System.Collections.Concurrent;
using System.Reflection;
using MassTransit.RabbitMqTransport;
using VoiceWorker.Bus;

namespace VoiceWorker.Tests.Unit.Bus;

/// <summary>Deliveries that are done in any order, on several threads.</summary>
public sealed class AckSenderRaceTests
{
    private const int TestTimeout = 120_000;
    private const int Deliveries = 100_000;
    private const int Apart = 3_000;
    private const int Threads = 4;

    [Fact(Timeout = TestTimeout)]
    public async Task Every_delivery_is_acknowledged_once_and_none_before_it_is_done()
    {
        var channel = DispatchProxy.Create<ChannelContext, AcknowledgedChannel>();
        var broker = (AcknowledgedChannel)(object)channel;
        broker.Deliver(Deliveries);
        var acks = new AckSender(channel, TimeProvider.System);
        var random = new Random(20261127);
        // Each at most so far from its turn.
        var order = new ConcurrentQueue<ulong>(Enumerable.Range(1, Deliveries)
            .OrderBy(tag => tag + random.Next(Apart)).Select(tag => (ulong)tag));

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(
            () => Finish(order, broker, acks), TestContext.Current.CancellationToken)));
        await acks.DisposeAsync();

        Assert.Equal([], broker.Mistakes);
        Assert.Equal(0, broker.Unacknowledged);
    }

    private static void Finish(ConcurrentQueue<ulong> order, AcknowledgedChannel broker, AckSender acks)
    {
        while (order.TryDequeue(out var tag))
        {
            broker.Done(tag);
            acks.Acknowledge(tag);
        }
    }
}

/// <summary>What a broker knows of its deliveries, and would close the channel over.</summary>
public class AcknowledgedChannel : DispatchProxy
{
    private readonly ConcurrentDictionary<ulong, bool> _done = [];
    private SortedSet<ulong> _unacknowledged = [];

    public List<string> Mistakes { get; } = [];

    public int Unacknowledged => _unacknowledged.Count;

    /// <summary>Tags 1, 2, 3 …</summary>
    public void Deliver(int count) => _unacknowledged = [.. Enumerable.Range(1, count).Select(tag => (ulong)tag)];

    public void Done(ulong tag) => _done[tag] = true;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod?.Name != nameof(ChannelContext.BasicAck))
            throw new NotSupportedException(targetMethod?.Name);
        Acknowledge((ulong)args![0]!, (bool)args[1]!);
        return default(ValueTask);
    }

    private void Acknowledge(ulong last, bool multiple)
    {
        if (!_unacknowledged.Contains(last))
            Mistakes.Add($"{last} is not known");
        var first = multiple ? 1 : last;
        foreach (var tag in _unacknowledged.GetViewBetween(first, last).ToList())
        {
            if (!_done.ContainsKey(tag))
                Mistakes.Add($"{tag} is not done");
            _unacknowledged.Remove(tag);
        }
    }
}
