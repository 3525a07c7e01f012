using System.Text.Json;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients.Conformance;

/// <summary>A client with its driver, as clients/conformance/drivers.json has it.</summary>
/// <param name="Name">Of the language, and the kind of its client.</param>
/// <param name="Build">For a shell, in the root of this repository: leaves what Start needs in the folder OUT.</param>
/// <param name="Start">For a shell, there too: one command.</param>
/// <param name="Parts">What the client has.</param>
internal sealed record Language(string Name, string Build, string Start, IReadOnlyList<string> Parts)
{
    public static IReadOnlyList<Language> All() => JsonSerializer.Deserialize<List<Language>>(
        File.ReadAllText(Repository.File("clients/conformance/drivers.json")), JsonSerializerOptions.Web)!;

    /// <summary>Builds it once.</summary>
    /// <param name="folder">Where to.</param>
    public async Task BuildAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        await Command.RunAsync(
            ["env", "-C", Repository.File("."), $"OUT={folder}", "sh", "-e", "-c", Build], TestContext.Current.CancellationToken);
    }
}
