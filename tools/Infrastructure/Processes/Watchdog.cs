using System.Diagnostics;

namespace VoiceWorker.Infrastructure.Processes;

/// <summary>Ends a child when this process vanishes, in whatever way.</summary>
public static class Watchdog
{
    // $PPID never changes, /proc does.
    private const string Script = """
        exec </dev/null >/dev/null 2>&1
        while kill -0 "$1" && read -r _ _ _ parent _ <"/proc/$$/stat" && [ "$parent" = "$2" ]; do sleep 1; done
        kill -9 "$1"
        """;

    /// <summary>Watches from now on; on Linux only.</summary>
    /// <param name="processId">A child of this process.</param>
    public static void Over(int processId)
    {
        if (OperatingSystem.IsLinux())
            Process.Start("setsid", ["sh", "-c", Script, "sh", $"{processId}", $"{Environment.ProcessId}"]).Dispose();
    }
}
