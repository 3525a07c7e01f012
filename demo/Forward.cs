using System.Net;
using System.Net.Sockets;

namespace VoiceWorker.Demo;

/// <summary>Brings connections from a published port of a container to its loopback, where the console listens: all that
/// containers of one network namespace need for that.</summary>
internal static class Forward
{
    /// <summary>Until it is cancelled.</summary>
    /// <param name="from">The port that everybody reaches.</param>
    /// <param name="to">The port on loopback.</param>
    public static async Task<int> RunAsync(int from, int to, CancellationToken cancellationToken)
    {
        using var listener = new TcpListener(IPAddress.Any, from);
        listener.Start();
        while (true)
            _ = PassAsync(await listener.AcceptTcpClientAsync(cancellationToken), to, cancellationToken);
    }

    private static async Task PassAsync(TcpClient outside, int to, CancellationToken cancellationToken)
    {
        using (outside)
        {
            try
            {
                using var inside = new TcpClient();
                await inside.ConnectAsync(IPAddress.Loopback, to, cancellationToken);
                await Task.WhenAny(
                    outside.GetStream().CopyToAsync(inside.GetStream(), cancellationToken),
                    inside.GetStream().CopyToAsync(outside.GetStream(), cancellationToken));
            }
            catch (Exception failure) when (failure is SocketException or IOException or OperationCanceledException)
            {
                // One of the two is gone, or not there yet: the browser tries again.
            }
        }
    }
}
