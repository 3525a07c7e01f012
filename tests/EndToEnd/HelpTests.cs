using System.Text.RegularExpressions;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd;

/// <summary>What ./run, ./test and ./pack say of themselves.</summary>
public sealed partial class HelpTests
{
    [Theory]
    [InlineData("run")]
    [InlineData("test")]
    [InlineData("pack")]
    public async Task Help_needs_no_dotnet_and_thus_no_build(string script)
    {
        using var path = new PathOf("bash", "cat", "dirname");

        var help = await Command.RunAsync(["/usr/bin/env", $"PATH={path}", Repository.File(script), "--help"], Token);

        Assert.StartsWith($"usage: ./{script} ", help, StringComparison.Ordinal);
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

    [Fact]
    public async Task The_help_of_pack_has_all_the_packages_that_it_builds_and_no_more()
    {
        var (code, refusal) = await Command.TryAsync([Repository.File("pack"), "nonsense"], Token);

        Assert.Equal(2, code);
        var taken = refusal.Trim().Split("is no package: ")[1].Split(", ");
        Assert.Equal(taken.Order(), await DescribedAsync("pack"));
    }

    [Theory]
    [InlineData("typescript", "Node.js with npm (Debian: apt-get install nodejs npm)")]
    [InlineData("dotnet", "the .NET 10 SDK on PATH")]
    public async Task Pack_says_what_it_needs_for_a_package(string package, string needed)
    {
        using var path = new PathOf("bash", "dirname");

        var (code, refusal) = await Command.TryAsync(["/usr/bin/env", $"PATH={path}", Repository.File("pack"), package], Token);

        Assert.Equal(1, code);
        Assert.Equal($"pack: {package} needs {needed}", refusal.Trim());
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

    /// <summary>A folder that has these programs and no more.</summary>
    private sealed class PathOf : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("voice-help-").FullName;

        public PathOf(params string[] programs)
        {
            foreach (var program in programs)
                File.CreateSymbolicLink(Path.Combine(_folder, program), $"/usr/bin/{program}");
        }

        public override string ToString() => _folder;

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
