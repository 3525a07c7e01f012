using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Integration.Hosting;

namespace VoiceWorker.Tests.Integration.Verbs;

/// <summary>A verb that asks PostgreSQL alone; RabbitMQ is nowhere.</summary>
internal static class DatabaseVerb
{
    /// <summary>Starts it as a process of its own, such as <c>migrate --plan</c>.</summary>
    public static WorkerProcess Start(string postgres, params string[] verb) =>
        WorkerProcess.Start(WorkerProcess.Dll, Environment(postgres), verb);

    /// <summary>Runs it to its end.</summary>
    public static Task<(int Code, string Output)> RunAsync(string postgres, params string[] verb) =>
        HostedVerb.RunAsync(Environment(postgres), verb);

    private static Dictionary<string, string> Environment(string postgres) => new()
    {
        ["ConnectionStrings__Postgres"] = postgres, ["ConnectionStrings__RabbitMq"] = "amqp://127.0.0.1:1",
    };
}
