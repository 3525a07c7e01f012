using System.Text.RegularExpressions;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients;

/// <summary>What the READMEs of the clients show first, as it stands there, with the package from its file.</summary>
[FullRun]
public sealed partial class PackageUseTests(PythonWheel wheel, TestServers servers)
    : IClassFixture<PythonWheel>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("voice-worker-package-").FullName;

    [Fact]
    public Task The_lines_of_the_Python_client_do_what_README_says() => AssertShownAsync(
        "python", NewProgram.InPython(wheel, _folder), "marin business businessVoice", "updated", "None sage");

    [Fact]
    public async Task The_lines_of_the_TypeScript_client_do_what_README_says() => await AssertShownAsync(
        "typescript", await NewProgram.InTypeScriptAsync(_folder), "marin business businessVoice", "updated", "null sage");

    [Fact]
    public async Task The_lines_of_the_Dotnet_client_do_what_README_says() => await AssertShownAsync(
        "dotnet", await NewProgram.InDotnetAsync(_folder),
        "Voice { VoiceId = marin, Source = Business, Reason = businessVoice, ", "Updated", " sage");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task AssertShownAsync(string client, NewProgram program, string voice, params string[] change)
    {
        await using var stub = await Stub.StartAsync(servers.AmqpUri, "42=marin");
        var readme = await File.ReadAllTextAsync(Repository.File($"clients/{client}/README.md"), Token);
        var blocks = Blocks().Matches(Addresses().Replace(readme, servers.AmqpUri.ToString()))
            .Select(block => block.Groups[1].Value).ToList();

        AssertSaid([voice], await SaidAsync(program, blocks[0]));
        // What comes next in README comes before the end of its client.
        var both = Printed().Replace(blocks[0], line => line.Value + blocks[1], count: 1);
        AssertSaid([voice, .. change], await SaidAsync(program, both));
    }

    private static async Task<IReadOnlyList<string>> SaidAsync(NewProgram program, string lines)
    {
        await program.WriteAsync(lines);
        return await program.RunAsync();
    }

    // A host prints lines of its own.
    private static void AssertSaid(IReadOnlyList<string> expected, IReadOnlyList<string> said) => Assert.True(
        expected.All(start => said.Any(line => line.StartsWith(start, StringComparison.Ordinal))),
        string.Join('\n', said));

    [GeneratedRegex("^```\\w+\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Blocks();

    [GeneratedRegex("amqp://[^'\"]+")]
    private static partial Regex Addresses();

    [GeneratedRegex(@"^(print|console\.log|Console\.WriteLine)\(.*\n", RegexOptions.Multiline)]
    private static partial Regex Printed();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
