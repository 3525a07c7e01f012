using System.Net.Sockets;

namespace VoiceWorker.Infrastructure.Network;

/// <summary>A client's connection and the one to the server that belongs to it.</summary>
internal sealed class ProxiedConnection(FaultProxy proxy, Socket client, Socket server) : IDisposable
{
    private const int LongestCue = 64;

    private readonly PostgresDialogue _statements = new();
    private volatile bool _isHalfOpen;

    /// <summary>Copies both ways until either side ends, then ends the other.</summary>
    public async Task RelayAsync()
    {
        client.NoDelay = server.NoDelay = true;
        var (fromClient, fromServer) = (CopyAsync(Side.Client, client, server), CopyAsync(Side.Server, server, client));
        await Task.WhenAny(fromClient, fromServer);
        // Of a half-open connection neither side learns the end of the other.
        if (_isHalfOpen)
            await Task.WhenAll(fromClient, fromServer);
    }

    /// <summary>From now on whatever either side says vanishes.</summary>
    public void HalfOpen() => _isHalfOpen = true;

    /// <summary>Resets both sides: neither learns what became of its last words.</summary>
    public void Cut()
    {
        foreach (var socket in new[] { client, server })
        {
            try
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                // It has ended by itself.
            }

            socket.Close();
        }
    }

    public void Dispose()
    {
        client.Dispose();
        server.Dispose();
    }

    private async Task CopyAsync(Side speaker, Socket from, Socket to)
    {
        var buffer = new byte[LongestCue + (64 * 1024)];
        var tail = 0;
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer.AsMemory(LongestCue))) > 0)
            {
                var piece = buffer.AsMemory(LongestCue, read);
                var steps = _statements.Hear(speaker, piece.Span);
                var said = buffer.AsMemory(LongestCue - tail, tail + read);
                await proxy.PassAsync(this, new Utterance(speaker, said, tail, steps));
                if (_isHalfOpen)
                    continue;
                await SendAsync(to, piece);
                // The end of what was said stands before the next piece: a cue may be in two.
                tail = Math.Min(LongestCue, tail + read);
                buffer.AsSpan(LongestCue + read - tail, tail).CopyTo(buffer.AsSpan(LongestCue - tail));
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // Reset, by a side or by us.
        }
    }

    private static async Task SendAsync(Socket to, ReadOnlyMemory<byte> piece)
    {
        while (piece.Length > 0)
            piece = piece[await to.SendAsync(piece)..];
    }
}
