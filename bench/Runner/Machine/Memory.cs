using System.Globalization;

namespace VoiceWorker.Bench.Machine;

/// <summary>Memory of a process of this machine.</summary>
internal static class Memory
{
    private const string Field = "VmRSS:";

    /// <summary>Resident, in MiB.</summary>
    public static double ResidentOf(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(Field, StringComparison.Ordinal));
        return double.Parse(line[Field.Length..^2], CultureInfo.InvariantCulture) / 1024;
    }
}
