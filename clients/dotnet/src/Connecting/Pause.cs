namespace VoiceWorker.Client.Connecting;

/// <summary>How long to wait between two rounds through all nodes: doubled each time, with a random part, so that the
/// programs that a node has lost do not come back as one.</summary>
internal static class Pause
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>Behind a round that has been of no use.</summary>
    /// <param name="before">The pause before it.</param>
    public static TimeSpan After(TimeSpan before)
    {
        var doubled = before == TimeSpan.Zero ? First : before * 2;
        return (doubled < Longest ? doubled : Longest) * (0.8 + 0.2 * Random.Shared.NextDouble());
    }
}
