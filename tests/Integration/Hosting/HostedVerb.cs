using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Verbs;
using Xunit;

namespace VoiceWorker.Tests.Integration.Hosting;

/// <summary>A verb within the suite's process, from its arguments to its exit code. What is to be killed or to hear a
/// signal is a <see cref="WorkerProcess"/>.</summary>
internal static class HostedVerb
{
    /// <summary>Runs it to its end; a worker listens where nobody else does.</summary>
    /// <param name="environment">As a process would have it.</param>
    /// <param name="verb">With its options.</param>
    public static async Task<(int Code, string Output)> RunAsync(
        IReadOnlyDictionary<string, string> environment, params string[] verb)
    {
        if (verb[0] == "run" && !verb.Any(argument => argument.StartsWith("--urls", StringComparison.Ordinal)))
            verb = [.. verb, "--urls=http://127.0.0.1:0"];
        // On a terminal a verb writes for people; only a process of its own does not see ours.
        if (!Console.IsOutputRedirected || !Console.IsErrorRedirected)
            return await RunProcessAsync(environment, verb);
        var output = new OutputLines();
        using var route = ConsoleRoute.To(output);
        var code = await CommandLine.RunAsync([.. verb, .. Settings(environment)]);
        await output.FlushAsync();
        return (code, string.Join('\n', output.Lines));
    }

    /// <summary>Environment variables as settings of the command line.</summary>
    internal static IEnumerable<string> Settings(IReadOnlyDictionary<string, string> environment) =>
        environment.Select(variable => $"--{variable.Key.Replace("__", ":", StringComparison.Ordinal)}={variable.Value}");

    private static async Task<(int Code, string Output)> RunProcessAsync(
        IReadOnlyDictionary<string, string> environment, string[] verb)
    {
        await using var process = WorkerProcess.Start(WorkerProcess.Dll, environment, verb);
        var code = await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (code, string.Join('\n', process.Output));
    }
}
