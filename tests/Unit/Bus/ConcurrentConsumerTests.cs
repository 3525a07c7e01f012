using System.Reflection;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;
using VoiceWorker.Bus;

namespace VoiceWorker.Tests.Unit.Bus;

/// <summary>Deliveries that MassTransit's consumer cannot begin with, and would leave where they are.</summary>
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

    public ValueTask DisposeAsync() => _acks.DisposeAsync();

    private Task DeliverAsync(Func<ulong, Task> handle, ulong tag) =>
        new ConcurrentConsumer(
            new Handler(handle), _flow, _acks,
            new FaultLog("calls", "calls_error", TimeProvider.System, _logger))
            .HandleBasicDeliverAsync("", tag, redelivered: false, "", "", new BasicProperties(), default,
                TestContext.Current.CancellationToken);

    private sealed class Handler(Func<ulong, Task> handle) : AsyncDefaultBasicConsumer(channel: null!)
    {
        public override Task HandleBasicDeliverAsync(
            string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
            IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body,
            CancellationToken cancellationToken = default) => handle(deliveryTag);
    }
}

/// <summary>Takes rejections.</summary>
public class RejectingChannel : DispatchProxy
{
    private readonly TaskCompletionSource<(ulong Tag, bool Requeue)> _first =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<(ulong Tag, bool Requeue)> First => _first.Task;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod?.Name != nameof(IChannel.BasicRejectAsync))
            throw new NotSupportedException(targetMethod?.Name);
        _first.TrySetResult(((ulong)args![0]!, (bool)args[1]!));
        return default(ValueTask);
    }
}

/// <summary>Has a channel, and nothing else.</summary>
public class ContextOfChannel : DispatchProxy
{
    public IChannel? Channel { get; set; }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod?.Name == "get_Channel" ? Channel : throw new NotSupportedException(targetMethod?.Name);
}
