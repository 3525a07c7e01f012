using System.Globalization;

namespace VoiceWorker.Bench.Machine;

/// <summary>CPU time of processes of this machine, in seconds.</summary>
internal static class CpuTime
{
    // /proc counts in ticks of 10 ms on every Linux that .NET runs on.
    private const double Ticks = 100;
    private const int UserTime = 11;
    private const int TimeFields = 4;

    /// <summary>Of all of them and of their children that have ended, which their parent has on its account: so a
    /// server's backends stay in the sum when they are gone.</summary>
    public static double Of(IEnumerable<int> processes) => processes.Sum(Of) / Ticks;

    private static long Of(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            // The name before it may have spaces and brackets.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields.Skip(UserTime).Take(TimeFields).Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
