namespace VoiceWorker.Infrastructure.Processes;

/// <summary>A program ended with an exit code other than 0.</summary>
public sealed class CommandFailedException(IEnumerable<string> command, int exitCode, string output)
    : Exception($"`{string.Join(' ', command)}` ended with {exitCode}: {output.Trim()}");
