namespace VoiceWorker.Bench.Latency;

/// <summary>How much is measured.</summary>
/// <param name="Rates">Calls per second.</param>
/// <param name="Seconds">At each rate.</param>
/// <param name="Rounds">Runs of each system.</param>
internal sealed record LatencyOptions(IReadOnlyList<int> Rates, int Seconds, int Rounds)
{
    /// <summary>Messages before the clock starts, so that the code is there.</summary>
    public const int WarmUp = 500;
}
