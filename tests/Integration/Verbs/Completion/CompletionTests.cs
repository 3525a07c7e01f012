using System.Collections.Concurrent;
using System.Diagnostics;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Completion;

/// <summary>The scripts in the shells that they are for.</summary>
public sealed class CompletionTests
{
    private static readonly ConcurrentDictionary<string, Task<string>> Scripts = [];

    [Theory]
    [InlineData("voice-worker au", "audit")]
    [InlineData("voice-worker audit ", "list replay show verify")]
    [InlineData("voice-worker audit replay --d", "--dry-run")]
    [InlineData("VoiceWorker dead-letters dis", "discard")]
    [InlineData("voice-worker status --in", "--interval")]
    [InlineData("voice-worker audit list --reason super", "superseded")]
    [InlineData("voice-worker audit replay --type Business", "BusinessVoiceChangeRejected BusinessVoiceUpdated")]
    [InlineData("voice-worker audit list --seq", "--sequence")]
    [InlineData("voice-worker audit xyz", "")]
    public async Task Bash_completes_verbs_and_options_as_the_worker_knows_them(string line, string expected)
    {
        var script = await ScriptAsync("bash");
        var words = line.Split(' ');
        var ask = $$"""
            COMP_LINE='{{line}}'; COMP_POINT=${#COMP_LINE}; COMP_WORDS=({{string.Join(' ', words.Select(word => $"'{word}'"))}})
            COMP_CWORD={{words.Length - 1}}; _voice_worker; printf '%s\n' "${COMPREPLY[@]}"
            """;

        var found = (await RunAsync("bash", "--norc", "-c", $"{script}\n{ask}")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        // Beside verbs there are options such as --help, in several spellings.
        var isOption = expected.StartsWith('-');
        Assert.Equal(expected, string.Join(' ', found.Where(one => one[0] is '-' == isOption && one[0] is not '/').Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public async Task Every_script_asks_the_worker_itself(string shell)
    {
        var script = await ScriptAsync(shell);

        Assert.Contains($"'{WorkerProcess.Dll}'", script, StringComparison.Ordinal);
        Assert.Contains("[suggest:", script, StringComparison.Ordinal);
        Assert.DoesNotContain("dead-letters", script, StringComparison.Ordinal);
    }

    private static Task<string> ScriptAsync(string shell) =>
        Scripts.GetOrAdd(shell, name => RunAsync("dotnet", WorkerProcess.Dll, "completion", name));

    private static async Task<string> RunAsync(string program, params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
