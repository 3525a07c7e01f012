namespace VoiceWorker.Bench.Throughput;

/// <summary>How much is measured.</summary>
/// <param name="Messages">In one run, after the warm-up.</param>
/// <param name="Rounds">Runs of each system.</param>
/// <param name="QueueType">quorum or classic.</param>
internal sealed record ThroughputOptions(int Messages, int Rounds, string QueueType)
{
    /// <summary>Messages before the clock starts, so that the code is there.</summary>
    public const int WarmUp = 500;
}
