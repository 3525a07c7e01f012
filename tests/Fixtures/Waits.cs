namespace VoiceWorker.Tests.Fixtures;

/// <summary>
/// The limits of a test's waits. Neither is a measure of speed: a machine that others use too stands still for a second
/// now and then.
/// </summary>
internal static class Waits
{
    /// <summary>What has not come by then does not come.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>At once: sooner than any wait of the product that a fault could cause.</summary>
    public static readonly TimeSpan Prompt = TimeSpan.FromSeconds(3);
}
