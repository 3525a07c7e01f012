using System.Net;
using System.Net.Sockets;

namespace VoiceWorker.Infrastructure.Network;

/// <summary>
/// A TCP proxy for one connection that counts round trips: each time the client speaks after the server has spoken is
/// one more.
/// </summary>
public sealed class RoundTripCounter : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _lock = new();
    private readonly Task _relaying;
    private bool _serverSpokeLast = true;
    private int _roundTrips;

    /// <summary>Listens at once; connects to the target when its client comes.</summary>
    public RoundTripCounter(string host, int port)
    {
        _listener.Start();
        _relaying = RelayAsync(host, port);
    }

    /// <summary>Where the client has to connect to, on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Forgets what was counted so far.</summary>
    public void Reset()
    {
        lock (_lock)
            _roundTrips = 0;
    }

    /// <summary>Round trips since the last reset.</summary>
    public int Read()
    {
        lock (_lock)
            return _roundTrips;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _relaying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RelayAsync(string host, int port)
    {
        using var client = await _listener.AcceptTcpClientAsync();
        using var server = new TcpClient();
        await server.ConnectAsync(host, port);
        client.NoDelay = server.NoDelay = true;
        await Task.WhenAny(
            CopyAsync(client.GetStream(), server.GetStream(), NoteClient),
            CopyAsync(server.GetStream(), client.GetStream(), NoteServer));
    }

    private static async Task CopyAsync(NetworkStream from, NetworkStream to, Action note)
    {
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await from.ReadAsync(buffer)) > 0)
        {
            note();
            await to.WriteAsync(buffer.AsMemory(0, read));
        }
    }

    private void NoteClient()
    {
        lock (_lock)
        {
            _roundTrips += _serverSpokeLast ? 1 : 0;
            _serverSpokeLast = false;
        }
    }

    private void NoteServer()
    {
        lock (_lock)
            _serverSpokeLast = true;
    }
}
