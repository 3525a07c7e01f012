using System.Text.Json.Nodes;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Integration.Hosting;

namespace VoiceWorker.Tests.Integration.Verbs;

/// <summary>A verb as an operator runs it, as the role that the worker runs as.</summary>
internal static class VerbUnderTest
{
    private const string QuietLog = "--Logging:LogLevel:VoiceWorker=Warning";

    /// <summary>Starts it as a process of its own, such as <c>status --watch</c>.</summary>
    public static WorkerProcess Start(TestServers servers, LegacyDatabase database, params string[] verb) => WorkerProcess.Start(
        WorkerProcess.Dll, RunningWorker.Connections(database.WorkerConnectionString, servers), [.. verb, QuietLog]);

    /// <summary>Runs it to its end, such as <c>audit verify</c>.</summary>
    public static Task<(int Code, string Output)> RunAsync(TestServers servers, LegacyDatabase database, params string[] verb) =>
        RunAsync(RunningWorker.Connections(database.WorkerConnectionString, servers), verb);

    /// <summary>The same with another way to PostgreSQL or RabbitMQ.</summary>
    public static Task<(int Code, string Output)> RunAsync(Dictionary<string, string> environment, params string[] verb) =>
        HostedVerb.RunAsync(environment, [.. verb, QuietLog]);

    /// <summary>Runs it and reads what it wrote as JSON.</summary>
    public static Task<(int Code, JsonNode Json)> ReadAsync(
        TestServers servers, LegacyDatabase database, params string[] verb) =>
        ReadAsync(RunningWorker.Connections(database.WorkerConnectionString, servers), verb);

    /// <summary>The same with another way to PostgreSQL or RabbitMQ.</summary>
    public static async Task<(int Code, JsonNode Json)> ReadAsync(
        Dictionary<string, string> environment, params string[] verb)
    {
        var (code, output) = await RunAsync(environment, [.. verb, "--json"]);
        return (code, JsonNode.Parse(output)!);
    }
}
