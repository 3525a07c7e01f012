namespace VoiceWorker.Tests.Fixtures;

/// <summary><c>./test --long</c>: what is otherwise tried a few times is tried until rare things happen.</summary>
internal static class LongRun
{
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable("VOICE_TEST_LONG") == "1";
}
