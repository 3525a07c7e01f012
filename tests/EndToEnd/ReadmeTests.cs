using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd;

/// <summary>What README says is what happens.</summary>
public sealed partial class ReadmeTests(TestServers servers)
{
    [Fact]
    public async Task The_Python_producer_of_the_README_gets_the_voice_of_its_call()
    {
        await using var worker = await RunningWorker.StartAsync(servers);
        await worker.Database.ExecuteAsync("UPDATE business SET voice_id = 'marin' WHERE id = 42");

        var (code, output) = await RunProducerAsync(servers.AmqpUri);

        Assert.True(code == 0, output);
        // What README shows is the answer beside the demonstration, where the business has the migration's default.
        Assert.Equal(await ShownAnswerAsync(), output.Replace("marin", "ash", StringComparison.Ordinal));
        Assert.Equal("marin", (await worker.Audit.OfBusinessAsync(42, 1))[0].Field("voiceId"));
    }

    /// <summary>The line that README shows below the producer.</summary>
    internal static async Task<string> ShownAnswerAsync() =>
        AnswerBlock().Match(await File.ReadAllTextAsync(Repository.File("README.md"), Token)).Groups[1].Value;

    /// <summary>Runs the producer as it stands there; it has at most ten lines.</summary>
    internal static async Task<(int Code, string Output)> RunProducerAsync(Uri broker)
    {
        var script = PythonBlock().Match(await File.ReadAllTextAsync(Repository.File("README.md"), Token)).Groups[1].Value;
        Assert.InRange(script.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 5, 10);
        // Debian's interpreter is the one that Debian's python3-pika is for.
        var python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        var start = new ProcessStartInfo(python, ["-c", script])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["AMQP_URL"] = broker.ToString();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Token);
        var errors = process.StandardError.ReadToEndAsync(Token);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Waits.Longest);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, CallId().Replace(await output, "CA-4711") + await errors);
    }

    [GeneratedRegex("```\n(CallVoice .*?)```", RegexOptions.Singleline)]
    private static partial Regex AnswerBlock();

    // Each run has another.
    [GeneratedRegex("CA-[0-9a-f-]{36}")]
    private static partial Regex CallId();

    [GeneratedRegex("```python\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex PythonBlock();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
