using System.Diagnostics;

namespace VoiceWorker.Infrastructure.Processes;

/// <summary>A program that is run to its end.</summary>
public static class Command
{
    // Output goes to a file: a daemon left by the program (apt-get starts some) would hold a pipe open for ever.
    private const string Script = """
        out=$1; shift
        exec "$@" </dev/null >"$out" 2>&1
        """;

    /// <exception cref="CommandFailedException">The exit code is not 0; the message ends with the output.</exception>
    public static async Task<string> RunAsync(IEnumerable<string> command, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await TryAsync(command, cancellationToken);
        return exitCode == 0 ? output : throw new CommandFailedException(command, exitCode, output);
    }

    /// <summary>The same for a program whose exit code is asked for.</summary>
    public static async Task<(int ExitCode, string Output)> TryAsync(
        IEnumerable<string> command, CancellationToken cancellationToken)
    {
        var file = Path.GetTempFileName();
        try
        {
            using var process = Process.Start(new ProcessStartInfo("sh", ["-c", Script, "sh", file, .. command]))!;
            try
            {
                await process.WaitForExitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }

            return (process.ExitCode, await File.ReadAllTextAsync(file, cancellationToken));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
