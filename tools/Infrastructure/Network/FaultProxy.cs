using System.Net;
using System.Net.Sockets;

namespace VoiceWorker.Infrastructure.Network;

/// <summary>A TCP proxy that can delay, cut and half-open the connections to one server.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _lock = new();
    private readonly HashSet<ProxiedConnection> _connections = [];
    private readonly string _host;
    private readonly int _port;
    private readonly Task _accepting;
    private Hold[] _holds = [];
    private volatile bool _refuses;

    /// <summary>Listens at once; connects to the server for each client that comes.</summary>
    public FaultProxy(string host, int port)
    {
        (_host, _port) = (host, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect to, on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How long every piece is delayed, in both directions.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Whether the server is away: every connection is reset, a new one too.</summary>
    public bool Refuses
    {
        get => _refuses;
        set
        {
            _refuses = value;
            if (value)
                Cut();
        }
    }

    /// <summary>
    /// Holds back what one side says on a connection, from the moment that all cues have been heard there, one after
    /// the other; the piece that completes them is held as well when it is the held side that says it.
    /// </summary>
    /// <param name="moment">What it is called when it never comes.</param>
    /// <param name="held">Whose bytes stay here.</param>
    /// <param name="cues">What is listened for; none for whatever is said next.</param>
    public Hold HoldBack(string moment, Side held, params Cue[] cues)
    {
        var hold = new Hold(moment, held, cues, Forget);
        lock (_lock)
            _holds = [.. _holds, hold];
        return hold;
    }

    /// <summary>Half-opens every connection: whatever a side says from now on, its end included, vanishes. New
    /// connections are not concerned.</summary>
    public void HalfOpen()
    {
        foreach (var connection in Connections())
            connection.HalfOpen();
    }

    /// <summary>Resets every connection; new ones are accepted.</summary>
    public void Cut()
    {
        foreach (var connection in Connections())
            connection.Cut();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        foreach (var hold in Volatile.Read(ref _holds))
            hold.Cut();
        Cut();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Returns when a piece may pass.</summary>
    internal async Task PassAsync(ProxiedConnection connection, Utterance said)
    {
        if (Delay > TimeSpan.Zero)
            await Task.Delay(Delay);
        foreach (var hold in Volatile.Read(ref _holds))
            await hold.PassAsync(connection, said);
    }

    private async Task AcceptAsync()
    {
        while (true)
            _ = ServeAsync(await _listener.AcceptSocketAsync());
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var connection = new ProxiedConnection(this, client, server);
        if (Refuses)
        {
            connection.Cut();
            return;
        }

        try
        {
            await server.ConnectAsync(_host, _port);
        }
        catch (SocketException)
        {
            // As the server that is gone would: refused, without a word.
            connection.Cut();
            return;
        }

        lock (_lock)
            _connections.Add(connection);
        await connection.RelayAsync();
        lock (_lock)
            _connections.Remove(connection);
    }

    private ProxiedConnection[] Connections()
    {
        lock (_lock)
            return [.. _connections];
    }

    private void Forget(Hold hold)
    {
        lock (_lock)
            _holds = [.. _holds.Where(other => other != hold)];
    }
}
