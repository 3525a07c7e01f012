using RabbitMQ.Client.Events;

namespace VoiceWorker.Bench.Baseline;

/// <summary>The broker's answers to one page; each message is counted once, whatever answers for it.</summary>
internal sealed class Confirms(ulong first, int count)
{
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool[] _confirmed = new bool[count];
    private int _open = count;

    public Task All => _all.Task;

    public Task OnAckAsync(object sender, BasicAckEventArgs ack)
    {
        var last = (int)(ack.DeliveryTag - first);
        for (var i = ack.Multiple ? 0 : last; i <= last; i++)
        {
            if (_confirmed[i])
                continue;
            _confirmed[i] = true;
            if (--_open == 0)
                _all.SetResult();
        }

        return Task.CompletedTask;
    }

    public Task OnNackAsync(object sender, BasicNackEventArgs nack)
    {
        _all.TrySetException(new InvalidOperationException("The broker refuses events"));
        return Task.CompletedTask;
    }
}
