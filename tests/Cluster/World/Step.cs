using System.Diagnostics;
using System.Globalization;

namespace VoiceWorker.Tests.Cluster.World;

/// <summary>What is being waited for, for whoever watches.</summary>
internal static class Step
{
    private static readonly long Begun = Stopwatch.GetTimestamp();

    public static void Say(string what) => Console.Error.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"cluster: {Stopwatch.GetElapsedTime(Begun).TotalSeconds,6:0.0} s  {what}"));
}
