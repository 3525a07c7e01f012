using System.Globalization;
using System.Runtime.InteropServices;

namespace VoiceWorker.Bench.Machine;

/// <summary>Where figures come from. They compare only within one run.</summary>
internal sealed record Surroundings(int Cores, string Runtime, string System, double LoadBefore, DateTimeOffset MeasuredAt)
{
    public static Surroundings Now() => new(
        Environment.ProcessorCount, RuntimeInformation.FrameworkDescription, RuntimeInformation.OSDescription,
        LoadAverage(), TimeProvider.System.GetUtcNow());

    /// <summary>Of the last minute: much above 1 before a run means that somebody else is measured too.</summary>
    public static double LoadAverage() =>
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
}
