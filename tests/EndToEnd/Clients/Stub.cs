using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.EndToEnd.Examples;

namespace VoiceWorker.Tests.EndToEnd.Clients;

/// <summary><c>voice-worker stub</c> as a process.</summary>
internal static class Stub
{
    /// <summary>Returns when it answers.</summary>
    public static async Task<ExampleProcess> StartAsync(Uri broker, params string[] words)
    {
        var stub = Start(broker, words);
        await stub.SaysAsync("The stub answers");
        return stub;
    }

    public static ExampleProcess Start(Uri broker, params string[] words) => ExampleProcess.Start(
        ["dotnet", WorkerProcess.Dll, "stub", .. words],
        new Dictionary<string, string> { ["ConnectionStrings__RabbitMq"] = broker.ToString() });
}
