using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace VoiceWorker.Bench.Machine;

/// <summary>What the probe inside a measured process says; see bench/Probe.</summary>
internal sealed record ProbeReading(long AllocatedBytes, int Collections, int PauseMs)
{
    private const int MaxLine = 100;

    public static ProbeReading operator -(ProbeReading after, ProbeReading before) => new(
        after.AllocatedBytes - before.AllocatedBytes, after.Collections - before.Collections, after.PauseMs - before.PauseMs);

    /// <summary>Asks; the process must not be suspended.</summary>
    public static async Task<ProbeReading> ReadAsync(string path, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
        var buffer = new byte[MaxLine];
        var length = await socket.ReceiveAsync(buffer, cancellationToken);
        var numbers = Encoding.ASCII.GetString(buffer, 0, length).Split(' ')
            .Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return new ProbeReading(numbers[0], (int)numbers[1], (int)numbers[2]);
    }
}
