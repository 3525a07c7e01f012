using System.Globalization;

namespace VoiceWorker.Infrastructure.Processes;

/// <summary>
/// The processes of a server are those that work in its directory: the one mark that survives setsid (PostgreSQL's
/// backends), re-parenting (the rest of a killed server) and an overwritten environment.
/// </summary>
internal static class ProcessTable
{
    public static IReadOnlyList<int> WorkingIn(string directory) =>
        [.. All().Where(id => WorkingDirectory(id) == directory)];

    private static IEnumerable<int> All()
    {
        foreach (var path in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                yield return id;
        }
    }

    private static string? WorkingDirectory(int processId)
    {
        try
        {
            return new FileInfo($"/proc/{processId}/cwd").LinkTarget;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
