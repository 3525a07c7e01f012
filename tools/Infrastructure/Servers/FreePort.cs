using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace VoiceWorker.Infrastructure.Servers;

/// <summary>
/// Ports below the range that the kernel gives to outgoing connections: while a server is down no client can be given
/// its port, nor connect to itself on it.
/// </summary>
public static class FreePort
{
    private const int First = 20000;
    private const int End = 32000;

    private static readonly HashSet<int> Given = [];

    public static int Next()
    {
        lock (Given)
        {
            int port;
            do
                port = RandomNumberGenerator.GetInt32(First, End);
            while (Given.Contains(port) || !IsFree(port));
            Given.Add(port);
            return port;
        }
    }

    public static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
