using RabbitMQ.Client;
using VoiceWorker.Servers;

namespace VoiceWorker.Bus;

/// <summary>What comes of an input queue over the channel that consumes it now.</summary>
/// <param name="queue">Its name.</param>
/// <param name="prefetch">Deliveries that the broker sends before the first is acknowledged.</param>
internal sealed class InputFlow(string queue, int prefetch, TimeProvider time)
{
    private volatile Consuming? _now;

    public string Queue => queue;

    /// <summary>Whether it is consumed.</summary>
    public Intake Intake { get; } = new();

    /// <summary>Deliveries that are not settled yet.</summary>
    public int InFlight => _now?.InWork ?? 0;

    /// <summary>A channel begins to consume.</summary>
    public Consuming Begin(IConnection connection) => _now = new Consuming(connection, time);

    /// <summary>It has ended; another one may consume already.</summary>
    public void End(Consuming consuming) => Interlocked.CompareExchange(ref _now, null, consuming);

    /// <summary>For how long nothing has come although there is room for more; zero while nothing is consumed, which
    /// the bus reports, or whoever has it paused.</summary>
    public TimeSpan Silence =>
        _now is { } now && now.InWork < prefetch && !Intake.IsShut ? time.GetElapsedTime(now.LatestAt) : TimeSpan.Zero;

    /// <summary>Whether anything has come over this channel.</summary>
    public bool HasDelivered => _now is { HasDelivered: true };

    /// <summary>Closes the connection, so that the bus opens another, to another node where there are
    /// several.</summary>
    public async Task ReopenAsync(BrokerNodes nodes)
    {
        if (_now is not { } now)
            return;
        nodes.Avoid(now.Connection.Endpoint);
        await now.Connection.LeaveAsync();
    }

    /// <summary>The deliveries of one channel.</summary>
    internal sealed class Consuming(IConnection connection, TimeProvider time)
    {
        private int _inWork;
        private volatile bool _hasDelivered;
        private long _latestAt = time.GetTimestamp();

        public IConnection Connection => connection;

        public int InWork => Volatile.Read(ref _inWork);

        public long LatestAt => Volatile.Read(ref _latestAt);

        public bool HasDelivered => _hasDelivered;

        public void Delivered()
        {
            _hasDelivered = true;
            Interlocked.Increment(ref _inWork);
            Volatile.Write(ref _latestAt, time.GetTimestamp());
        }

        /// <summary>From now on something may come.</summary>
        public void Opens() => Volatile.Write(ref _latestAt, time.GetTimestamp());

        public void Settled() => Interlocked.Decrement(ref _inWork);
    }
}
