using System.Text.RegularExpressions;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd;

/// <summary>What ./run and ./test say of themselves.</summary>
public sealed partial class HelpTests
{
    [Theory]
    [InlineData("run")]
    [InlineData("test")]
    public async Task Help_needs_no_dotnet_and_thus_no_build(string script)
    {
        var path = Directory.CreateTempSubdirectory("voice-help-").FullName;
        foreach (var needed in new[] { "bash", "cat", "dirname" })
            File.CreateSymbolicLink(Path.Combine(path, needed), $"/usr/bin/{needed}");

        var help = await Command.RunAsync(["/usr/bin/env", $"PATH={path}", Repository.File(script), "--help"], Token);

        Assert.StartsWith($"usage: ./{script} ", help, StringComparison.Ordinal);
        Directory.Delete(path, recursive: true);
    }

    [Fact]
    public async Task The_help_of_run_has_all_that_the_demonstration_takes_and_no_more()
    {
        var (code, refusal) = await Command.TryAsync(
            ["dotnet", Repository.Output("demo", "VoiceWorker.Demo.dll"), "--nonsense"], Token);

        Assert.Equal(2, code);
        var taken = refusal.Trim().Split(", but ")[1].Split(", ");
        Assert.Equal(taken.Order(), await DescribedAsync("run"));
    }

    [Fact]
    public async Task The_help_of_test_has_all_that_the_script_takes_and_no_more()
    {
        var script = await File.ReadAllTextAsync(Repository.File("test"), Token);

        var taken = Case().Matches(script).Select(match => match.Groups[1].Value);
        Assert.Equal(taken.Order(), await DescribedAsync("test"));
    }

    private static async Task<IEnumerable<string>> DescribedAsync(string script)
    {
        var help = await Command.RunAsync([Repository.File(script), "--help"], Token);
        return Entry().Matches(help).Select(match => match.Groups[1].Value).Order();
    }

    [GeneratedRegex("^  ([a-z-]+)  +", RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex(@"^ +(?:-\w \| )?(--[a-z-]+)\)", RegexOptions.Multiline)]
    private static partial Regex Case();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
