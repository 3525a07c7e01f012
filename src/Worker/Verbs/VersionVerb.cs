using System.Reflection;
using System.Text.Json.Nodes;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs;

/// <summary><c>version</c>: what this was built from.</summary>
internal static class VersionVerb
{
    private const string CommitDate = "CommitDate";

    public static Task<int> RunAsync(bool json)
    {
        var whole = typeof(VersionVerb).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        if (json)
            JsonScreen.Write(ToJson(whole.Split('+', 2)));
        else
            Console.WriteLine(whole);
        return Task.FromResult(ExitCode.Ok);
    }

    // Without a repository at hand a build knows neither.
    private static JsonObject ToJson(string[] parts) => new()
    {
        ["version"] = parts[0],
        ["commit"] = parts.ElementAtOrDefault(1),
        ["date"] = typeof(VersionVerb).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(one => one.Key == CommitDate)?.Value,
    };
}
