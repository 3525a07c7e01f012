using System.Reflection;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs;

/// <summary><c>version</c>.</summary>
internal static class VersionVerb
{
    public static Task<int> RunAsync()
    {
        Console.WriteLine(typeof(VersionVerb).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion);
        return Task.FromResult(ExitCode.Ok);
    }
}
