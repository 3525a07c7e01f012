using System.Globalization;
using System.Text.RegularExpressions;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Examples;

/// <summary>One of the client kits under examples/, as its README says to run it.</summary>
/// <param name="Name">Its folder.</param>
/// <param name="Producer">The command of its producer.</param>
/// <param name="Consumer">The command of its audit consumer.</param>
/// <param name="Prove">The command that has the consumer's file proven.</param>
internal sealed partial record Kit(string Name, string[] Producer, string[] Consumer, string[] Prove)
{
    // Once for all tests: what another test's npm is still writing would not run.
    private static readonly Lazy<Task<NodeProject>> Node = new(() => NodeProject.InstallAsync(
        Path.Combine(Repository.File("examples"), "node"), Console.Error.WriteLine, CancellationToken.None));

    /// <summary>All of them, with what they need installed.</summary>
    public static async Task<IReadOnlyList<Kit>> AllAsync()
    {
        var folder = Repository.File("examples");
        var node = (await Node.Value).Node;
        // Debian's interpreter is the one that Debian's python3-pika is for.
        var python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        string[] dotnet = ["dotnet", Repository.Output("examples/dotnet", "VoiceWorker.Example.dll")];
        string[] pythonConsumer = [python, Path.Combine(folder, "python", "audit_consumer.py")];
        string[] nodeConsumer = [node, Path.Combine(folder, "node", "audit-consumer.mjs")];
        return
        [
            new("python", [python, Path.Combine(folder, "python", "producer.py")], pythonConsumer, [.. pythonConsumer, "--proof"]),
            new("node", [node, Path.Combine(folder, "node", "producer.mjs")], nodeConsumer, [.. nodeConsumer, "--proof"]),
            new("dotnet", dotnet, [.. dotnet, "audit"], [.. dotnet, "proof"]),
        ];
    }

    /// <summary>What a consumer's file proves, once it has so many events, or after a minute.</summary>
    public async Task<Proof> ProveAsync(string file, int events)
    {
        Proof? proof = null;
        await Polling.UntilAsync(async _ => (proof = await ProveAsync(file)).Events >= events, Waits.Longest, Token);
        return proof!;
    }

    private async Task<Proof> ProveAsync(string file)
    {
        await using var process = ExampleProcess.Start(Prove, new Dictionary<string, string> { ["AUDIT_FILE"] = file });
        var exitCode = await process.EndsAsync();
        var said = string.Join('\n', process.Lines);
        var numbers = ProofLine().Match(said);
        Assert.True(numbers.Success, said);
        return new(Number(1), Number(2), Number(3), Number(4), exitCode);

        int Number(int group) => int.Parse(numbers.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("events ([0-9]+), streams ([0-9]+), missing ([0-9]+), repeated ([0-9]+)")]
    private static partial Regex ProofLine();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
