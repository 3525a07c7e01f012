namespace VoiceWorker.Bus;

/// <summary>
/// What has become of a channel's deliveries, whose tags are 1, 2, 3 …: which of them a single
/// <c>basic.ack(multiple)</c> settles, because nothing below it is still worked on.
/// </summary>
internal sealed class DeliveryWindow
{
    private const int SmallestSize = 1024;

    // From the lowest unsettled tag on, one state per tag, in a ring.
    private State[] _states = new State[SmallestSize];
    private ulong _lowest = 1;
    private ulong _highest;
    private int _waiting;

    private enum State : byte
    {
        InWork,
        Acknowledged,
        Settled,
    }

    /// <summary>Whether an acknowledgement is still to be sent.</summary>
    public bool HasWaiting => _waiting > 0;

    /// <summary>The delivery is done; its acknowledgement is due.</summary>
    public void Acknowledge(ulong tag)
    {
        Note(tag, State.Acknowledged);
        _waiting++;
    }

    /// <summary>This delivery has been acknowledged singly.</summary>
    public void Settle(ulong tag) => Note(tag, State.Settled);

    /// <summary>Takes everything below the first delivery that is still worked on.</summary>
    /// <returns>The tag to acknowledge with all before it; null when there is none.</returns>
    public ulong? TakeRun()
    {
        // Never a tag that is settled already: the broker closes the channel over a tag that it does not know.
        ulong? last = null;
        for (; _lowest <= _highest && At(_lowest) is not State.InWork; _lowest++)
        {
            if (At(_lowest) is State.Acknowledged)
            {
                last = _lowest;
                _waiting--;
            }

            At(_lowest) = State.InWork;
        }

        return last;
    }

    /// <summary>Takes what waits behind a delivery that is still worked on, to be acknowledged one by one.</summary>
    public IReadOnlyList<ulong> TakeScattered()
    {
        var scattered = new List<ulong>(_waiting);
        for (var tag = _lowest; tag <= _highest && _waiting > 0; tag++)
        {
            if (At(tag) is not State.Acknowledged)
                continue;
            At(tag) = State.Settled;
            scattered.Add(tag);
            _waiting--;
        }

        return scattered;
    }

    private void Note(ulong tag, State state)
    {
        if (tag - _lowest >= (ulong)_states.Length)
            Grow(tag - _lowest + 1);
        _highest = Math.Max(_highest, tag);
        At(tag) = state;
    }

    private void Grow(ulong needed)
    {
        var grown = new State[System.Numerics.BitOperations.RoundUpToPowerOf2(needed)];
        for (var tag = _lowest; tag <= _highest; tag++)
            grown[tag & ((ulong)grown.Length - 1)] = At(tag);
        _states = grown;
    }

    private ref State At(ulong tag) => ref _states[tag & ((ulong)_states.Length - 1)];
}
