using System.Text.Json;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Tests.Repository.Contracts;

/// <summary>What the tools of its readers make of docs/contracts: Ajv of the schemas, the AsyncAPI parser of the document.</summary>
internal static class ContractJudge
{
    private static readonly Lazy<Task<NodeProject>> Project = new(() => NodeProject.InstallAsync(
        Path.Combine(RepositoryFiles.Root, "tests", "ContractJudge"), Console.Error.WriteLine, CancellationToken.None));

    /// <summary>The parser's findings, a line each, and last what it read.</summary>
    public static async Task<string[]> ParseAsyncApiAsync(string file) =>
        Lines(await (await Project.Value).RunAsync("asyncapi.mjs", [Path.Combine(RepositoryFiles.Root, file)], Token));

    /// <summary>Whether each text is accepted by the schema of that name.</summary>
    /// <param name="texts">Schema and text.</param>
    public static async Task<IReadOnlyList<bool>> AcceptAsync(IReadOnlyList<(string Schema, string Text)> texts)
    {
        var file = Path.GetTempFileName();
        try
        {
            var cases = texts.Select(text => JsonSerializer.Serialize(new { schema = text.Schema, text = text.Text }));
            await File.WriteAllLinesAsync(file, cases, Token);
            var folder = Path.Combine(RepositoryFiles.Root, "docs/contracts");
            return [.. Lines(await (await Project.Value).RunAsync("schemas.mjs", [folder, file], Token)).Select(bool.Parse)];
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
