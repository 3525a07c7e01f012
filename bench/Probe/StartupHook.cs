using System.Net.Sockets;
using System.Text;

/// <summary>
/// Loaded into a measured process by DOTNET_STARTUP_HOOKS, which fixes the name of this class and that it is in no
/// namespace. Answers everybody who connects to the socket VOICE_BENCH_PROBE with a line: bytes allocated since the
/// start, and milliseconds that the collector held everything up.
/// </summary>
internal static class StartupHook
{
    private const string Variable = "VOICE_BENCH_PROBE";

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path)
            new Thread(() => Answer(path)) { IsBackground = true, Name = "bench probe" }.Start();
    }

    private static void Answer(string path)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        while (true)
        {
            using var asker = listener.Accept();
            var paused = (long)GC.GetTotalPauseDuration().TotalMilliseconds;
            asker.Send(Encoding.ASCII.GetBytes($"{GC.GetTotalAllocatedBytes(precise: true)} {paused}"));
        }
    }
}
