using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs;

/// <summary>A verb of the worker as a process of its own. RabbitMQ is nowhere: these verbs do not need it.</summary>
internal static class VerbProcess
{
    /// <summary>Starts it, such as <c>migrate --plan</c>.</summary>
    public static WorkerProcess Start(string postgres, params string[] verb) => WorkerProcess.Start(
        WorkerProcess.Dll,
        new Dictionary<string, string>
        {
            ["ConnectionStrings__Postgres"] = postgres, ["ConnectionStrings__RabbitMq"] = "amqp://127.0.0.1:1",
        },
        verb);

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output)> RunAsync(string postgres, params string[] verb)
    {
        await using var process = Start(postgres, verb);
        var code = await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (code, string.Join('\n', process.Output));
    }
}
