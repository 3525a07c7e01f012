using Xunit;

namespace VoiceWorker.Tests.Cluster.World;

/// <summary>What takes long is for <c>./test --long</c>.</summary>
internal static class LongScript
{
    /// <summary>Ends the test here, as skipped, in a short run.</summary>
    public static void Only() => Assert.SkipUnless(LongRun.IsOn, "only with ./test --long");
}
