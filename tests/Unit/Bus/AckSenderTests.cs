using System.Reflection;
using MassTransit.RabbitMqTransport;
using Microsoft.Extensions.Time.Testing;
using VoiceWorker.Bus;

namespace VoiceWorker.Tests.Unit.Bus;

/// <summary>Acknowledgements on a channel that is gone.</summary>
public sealed class AckSenderTests
{
    [Fact]
    public async Task A_channel_that_never_takes_an_acknowledgement_is_left_in_time()
    {
        var time = new FakeTimeProvider();
        var channel = DispatchProxy.Create<ChannelContext, SilentChannel>();
        var acks = new AckSender(channel, time);
        acks.Acknowledge(1);
        await ((SilentChannel)(object)channel).Asked.WaitAsync(TestContext.Current.CancellationToken);

        var leaving = acks.DisposeAsync().AsTask();

        Assert.False(leaving.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(5));
        await leaving.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }
}

/// <summary>Takes an acknowledgement and never says that it is sent.</summary>
public class SilentChannel : DispatchProxy
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Asked => _asked.Task;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod?.Name != nameof(ChannelContext.BasicAck))
            throw new NotSupportedException(targetMethod?.Name);
        _asked.SetResult();
        return new ValueTask(new TaskCompletionSource().Task);
    }
}
