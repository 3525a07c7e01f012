using System.Net.Sockets;
using RabbitMQ.Client;

namespace VoiceWorker.Servers;

/// <summary>
/// A connection whose end is seen also in the middle of a frame. The client waits for the rest of a frame that will not
/// come, at the cost of a processor and for ever: after the alert of a TLS port, or a broker that was killed while it
/// wrote.
/// </summary>
internal sealed class EndingSocket(Socket socket) : TcpClientAdapter(socket)
{
    /// <summary>As the client makes its own.</summary>
    public static ITcpClient Create(AddressFamily family) =>
        new EndingSocket(new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });

    public override NetworkStream GetStream() => new EndingStream(Client);

    private sealed class EndingStream(Socket socket) : NetworkStream(socket)
    {
        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer, cancellationToken);
            // What the client itself says of an end between two frames.
            return read > 0 || buffer.IsEmpty ? read : throw new EndOfStreamException("the connection has ended");
        }
    }
}
