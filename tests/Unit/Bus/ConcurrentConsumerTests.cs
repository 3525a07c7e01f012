using System.Reflection;
using System.Text;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using VoiceWorker.Bus;

namespace VoiceWorker.Tests.Unit.Bus;

/// <summary>Deliveries that MassTransit's consumer cannot begin with, and would leave where they are; and those that never
/// get there.</summary>
public sealed class ConcurrentConsumerTests : IAsyncDisposable
{
    private readonly RecordingLogger<FaultLog> _logger = new();
    private readonly RejectingChannel _rejected;
    private readonly AckSender _acks;
    private readonly InputFlow.Consuming _flow = new(connection: null!, TimeProvider.System);

    public ConcurrentConsumerTests()
    {
        var channel = DispatchProxy.Create<IChannel, RejectingChannel>();
        _rejected = (RejectingChannel)(object)channel;
        var context = DispatchProxy.Create<ChannelContext, ContextOfChannel>();
        ((ContextOfChannel)(object)context).Channel = channel;
        _acks = new AckSender(context, TimeProvider.System);
    }

    [Fact]
    public async Task A_delivery_that_cannot_be_begun_is_handed_back_and_logged()
    {
        await DeliverAsync(_ => Task.FromException(new InvalidDataException("not quoted")), tag: 7);

        Assert.Equal((7ul, true), await _rejected.First.WaitAsync(TestContext.Current.CancellationToken));
        Assert.Equal(
            ["Deliveries of calls fail and are handed back: System.IO.InvalidDataException"], _logger.Lines);
        Assert.Equal(0, _flow.InWork);
    }

    [Fact]
    public async Task A_delivery_that_has_begun_is_left_to_its_consumer()
    {
        var begun = new TaskCompletionSource();
        await DeliverAsync(_ => begun.Task, tag: 7);
        begun.SetException(new InvalidDataException());
        await _acks.DisposeAsync();

        Assert.False(_rejected.First.IsCompleted);
        Assert.Empty(_logger.Lines);
        Assert.Equal(1, _flow.InWork);
    }

    [Fact]
    public async Task What_the_fast_path_takes_is_acknowledged_when_it_is_done_and_seen_by_nobody_else()
    {
        var fast = new Fast();
        var consumer = ConsumerOf(_ => throw new InvalidOperationException(), fast);
        await DeliverAsync(consumer, tag: 1);
        Assert.Equal(1, _flow.InWork);

        fast.Handling.SetResult();

        Assert.Equal(1ul, await _rejected.Acknowledged.WaitAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, _flow.InWork);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_fails_on_the_fast_path_fails_the_same_way_on_the_other(bool isAnswered)
    {
        var fast = new Fast { IsAnswered = isAnswered };
        var passed = new TaskCompletionSource<Handler.Seen>();
        var consumer = ConsumerOf(passed.SetResult, fast);
        await DeliverAsync(consumer, tag: 7);

        var failure = new InvalidDataException();
        fast.Handling.SetException(failure);

        var seen = await passed.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((7ul, "{}", "caller"), (seen.Tag, seen.Body, seen.Properties.ReplyTo));
        Assert.Equal(new FastFailure(failure, isAnswered), FastFailure.Of(seen.Properties));
        Assert.Equal(1, _flow.InWork);
    }

    [Fact]
    public async Task What_the_fast_path_throws_at_once_goes_the_other_way()
    {
        var passed = new List<ulong>();
        var consumer = ConsumerOf(seen => passed.Add(seen.Tag), new Fast { Throws = true });

        await DeliverAsync(consumer, tag: 7);

        Assert.Equal([7ul], passed);
        await consumer.DrainAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_fails_while_it_is_drained_is_handed_back()
    {
        var fast = new Fast();
        var consumer = ConsumerOf(_ => throw new InvalidOperationException(), fast);
        await DeliverAsync(consumer, tag: 7);
        var drained = consumer.DrainAsync(TestContext.Current.CancellationToken);

        fast.Handling.SetException(new InvalidDataException());

        Assert.Equal((7ul, true), await _rejected.First.WaitAsync(TestContext.Current.CancellationToken));
        await drained;
        Assert.Equal(0, _flow.InWork);
    }

    [Fact]
    public async Task After_the_drain_the_fast_path_begins_nothing()
    {
        var passed = new List<ulong>();
        var fast = new Fast();
        var consumer = ConsumerOf(seen => passed.Add(seen.Tag), fast);
        await consumer.DrainAsync(TestContext.Current.CancellationToken);

        await DeliverAsync(consumer, tag: 7);

        Assert.Equal([7ul], passed);
        Assert.Null(fast.Taken);
    }

    [Fact]
    public async Task When_its_channel_is_gone_a_delivery_is_left_to_whoever_gets_it_next()
    {
        var fast = new Fast();
        var consumer = ConsumerOf(_ => throw new InvalidOperationException(), fast);
        await DeliverAsync(consumer, tag: 7);

        await consumer.HandleChannelShutdownAsync(this, new ShutdownEventArgs(ShutdownInitiator.Peer, 320, "gone"));

        Assert.True(fast.Taken!.Lost.IsCancellationRequested);
        fast.Handling.SetException(new OperationCanceledException());
        await consumer.DrainAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, _flow.InWork);
        Assert.False(_rejected.First.IsCompleted);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task What_the_fast_path_leaves_and_what_comes_again_goes_the_other_way(bool takes, bool redelivered)
    {
        var passed = new List<ulong>();
        var consumer = ConsumerOf(seen => passed.Add(seen.Tag), new Fast { Takes = takes });

        await DeliverAsync(consumer, tag: 7, redelivered);

        Assert.Equal([7ul], passed);
    }

    [Fact]
    public async Task A_drain_waits_for_what_the_fast_path_has_begun()
    {
        var fast = new Fast();
        var consumer = ConsumerOf(_ => throw new InvalidOperationException(), fast);
        await DeliverAsync(consumer, tag: 1);

        var drained = consumer.DrainAsync(TestContext.Current.CancellationToken);
        Assert.False(drained.IsCompleted);
        fast.Handling.SetResult();

        await drained;
        await consumer.DrainAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _acks.DisposeAsync();

    private Task DeliverAsync(Func<ulong, Task> handle, ulong tag) => DeliverAsync(
        new ConcurrentConsumer(new Handler(seen => handle(seen.Tag)), _flow, _acks, Log(), fast: null), tag);

    private static Task DeliverAsync(ConcurrentConsumer consumer, ulong tag, bool redelivered = false) =>
        consumer.HandleBasicDeliverAsync(
            "", tag, redelivered, "", "", new BasicProperties { ReplyTo = "caller" }, "{}"u8.ToArray(),
            TestContext.Current.CancellationToken);

    private ConcurrentConsumer ConsumerOf(Action<Handler.Seen> handle, IFastPath fast) => new(
        new Handler(seen =>
        {
            handle(seen);
            return Task.CompletedTask;
        }),
        _flow, _acks, Log(), fast);

    private FaultLog Log() => new("calls", "calls_error", TimeProvider.System, _logger);

    private sealed class Fast : IFastPath
    {
        public TaskCompletionSource Handling { get; } = new();

        public bool IsAnswered { get; init; }

        public bool Takes { get; init; } = true;

        public bool Throws { get; init; }

        public FastDelivery? Taken { get; private set; }

        public Task? TryTake(FastDelivery delivery, ReadOnlySpan<byte> body)
        {
            if (Throws)
                throw new InvalidOperationException();
            Taken = delivery;
            delivery.IsAnswered = IsAnswered;
            return Takes ? Handling.Task : null;
        }
    }

    private sealed class Handler(Func<Handler.Seen, Task> handle) : AsyncDefaultBasicConsumer(channel: null!)
    {
        public override Task HandleBasicDeliverAsync(
            string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
            IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body,
            CancellationToken cancellationToken = default) =>
            handle(new(deliveryTag, properties, Encoding.UTF8.GetString(body.Span)));

        public sealed record Seen(ulong Tag, IReadOnlyBasicProperties Properties, string Body);
    }
}

/// <summary>Takes rejections and acknowledgements.</summary>
public class RejectingChannel : DispatchProxy
{
    private readonly TaskCompletionSource<(ulong Tag, bool Requeue)> _first =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<(ulong Tag, bool Requeue)> First => _first.Task;

    public Task<ulong> Acknowledged => Acknowledging.Task;

    internal TaskCompletionSource<ulong> Acknowledging { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod?.Name != nameof(IChannel.BasicRejectAsync))
            throw new NotSupportedException(targetMethod?.Name);
        _first.TrySetResult(((ulong)args![0]!, (bool)args[1]!));
        return default(ValueTask);
    }
}

/// <summary>Has a channel, and takes acknowledgements.</summary>
public class ContextOfChannel : DispatchProxy
{
    public IChannel? Channel { get; set; }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod?.Name == "get_Channel")
            return Channel;
        if (targetMethod?.Name != nameof(ChannelContext.BasicAck))
            throw new NotSupportedException(targetMethod?.Name);
        ((RejectingChannel)(object)Channel!).Acknowledging.TrySetResult((ulong)args![0]!);
        return default(ValueTask);
    }
}
