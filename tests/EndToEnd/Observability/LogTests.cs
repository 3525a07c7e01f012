using System.Text.Json.Nodes;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Observability;

public sealed class LogTests(TestServers servers)
{
    private static readonly Dictionary<string, string> NoServers = new()
    {
        ["ConnectionStrings__Postgres"] = "Host=127.0.0.1;Port=1;Username=a;Database=app", ["ConnectionStrings__RabbitMq"] = "amqp://127.0.0.1:1",
        ["Boot__Timeout"] = "00:00:01",
    };

    [Fact]
    public async Task Every_line_of_a_log_that_is_not_on_a_terminal_is_a_JSON_object()
    {
        await using var worker = await RunningWorker.StartUnboundAsync(servers);
        await worker.Process.TerminateAsync(Token);

        var lines = worker.Process.Output.Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        var ready = Assert.Single(lines, line => (int?)line["eventId"] == 2003);
        Assert.Equal(("Information", "Ready", "VoiceWorker.Boot.BootSequence"), ($"{ready["level"]}", $"{ready["event"]}", $"{ready["category"]}"));
        Assert.StartsWith("Ready: consuming voice-worker.call-started", $"{ready["message"]}", StringComparison.Ordinal);
        Assert.StartsWith("voice-worker.call-started", $"{ready["values"]!["Queues"]}", StringComparison.Ordinal);
        Assert.Equal(TimeSpan.Zero, DateTimeOffset.Parse($"{ready["timestamp"]}", System.Globalization.CultureInfo.InvariantCulture).Offset);
    }

    [Fact]
    public async Task On_a_terminal_people_read_the_log()
    {
        var output = await OnTerminalAsync();

        Assert.Contains("VoiceWorker.Servers.ServerWait[2000]", output, StringComparison.Ordinal);
        Assert.DoesNotContain("{\"timestamp\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_says_how_it_is_to_look_is_obeyed() => Assert.Contains(
        "\"eventId\":2000", await OnTerminalAsync("--Logging:Console:FormatterName=lines"), StringComparison.Ordinal);

    // script gives it a pseudo-terminal.
    private static async Task<string> OnTerminalAsync(params string[] settings)
    {
        var command = string.Join(' ', ["dotnet", WorkerProcess.Dll, "run", "--urls=http://127.0.0.1:0", .. settings]);
        IEnumerable<string> environment = NoServers.Select(variable => $"{variable.Key}={variable.Value}");
        var (_, output) = await Command.TryAsync(["env", .. environment, "script", "-qec", command, "/dev/null"], Token);
        return output;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
