using System.Diagnostics;
using System.Text.Json.Nodes;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Consuming;

/// <summary>Who pauses, resumes and drains, as the role of the worker.</summary>
internal sealed class Operator(IReadOnlyDictionary<string, string> environment)
{
    /// <summary>Runs a verb to its end.</summary>
    public async Task<(int Code, string Output)> RunAsync(params string[] verb)
    {
        await using var process = WorkerProcess.Start(WorkerProcess.Dll, environment, [.. verb, "--Logging:LogLevel:VoiceWorker=Warning"]);
        var code = await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (code, string.Join('\n', process.Output));
    }

    /// <summary>Runs it and reads what it wrote; fails unless every worker obeys.</summary>
    public async Task<JsonNode> ObeyedAsync(params string[] verb)
    {
        var (code, output) = await RunAsync([.. verb, "--wait", "30", "--json"]);
        Assert.True(code == 0, output);
        return JsonNode.Parse(output)!;
    }

    /// <summary>Writes what a wait has taken into the report of the test.</summary>
    public static void Report(string what, long begun) => TestContext.Current.TestOutputHelper!.WriteLine(
        $"{what}: {Stopwatch.GetElapsedTime(begun).TotalMilliseconds:0} ms");
}
