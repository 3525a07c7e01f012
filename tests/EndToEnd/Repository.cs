using System.Reflection;
using System.Runtime.CompilerServices;

namespace VoiceWorker.Tests.EndToEnd;

/// <summary>The files of this repository, as a reader has them.</summary>
internal static class Repository
{
    public static string File(string name) => Path.Combine(Root(), name);

    /// <summary>What a project was built to, in the configuration of these tests.</summary>
    public static string Output(string project, string assembly) => Path.Combine(
        Root(), project, "bin", typeof(Repository).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration,
        new DirectoryInfo(AppContext.BaseDirectory).Name, assembly);

    private static string Root([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));
}
