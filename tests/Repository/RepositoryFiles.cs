using System.Runtime.CompilerServices;

namespace VoiceWorker.Tests.Repository;

/// <summary>The files of this repository, as a reader sees them.</summary>
internal static class RepositoryFiles
{
    private static readonly string[] NotOurs =
    [
        "bin", "obj", ".git", ".local", "TestResults", ".vs", ".idea", "results", "node_modules", "__pycache__",
        "audit.db", "audit.db-shm", "audit.db-wal", "audit.jsonl",
    ];

    public static string Root { get; } = FindRoot();

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    /// <summary>Relative paths of all files below a folder, without what a build leaves behind.</summary>
    public static IEnumerable<string> FilesBelow(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Any(NotOurs.Contains));

    private static string FindRoot([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));
}
