using Spectre.Console;

namespace VoiceWorker.Verbs.Shell;

/// <summary>Who is at the other end of the output.</summary>
internal static class Terminal
{
    /// <summary>Whether a person looks at the output as it comes, so that it can be redrawn.</summary>
    public static bool IsInteractive => !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive;
}
