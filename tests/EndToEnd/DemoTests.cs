using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.EndToEnd.Examples;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd;

/// <summary>The demonstration of ./run on the servers of this run, and what a newcomer does beside it.</summary>
[FullRun]
public sealed class DemoTests(TestServers servers) : IAsyncLifetime
{
    private const string Database = "legacy_demo";

    // For .local, which another demonstration may have in the repository.
    private readonly string _folder = Directory.CreateTempSubdirectory("voice-demo-").FullName;

    [Fact]
    public async Task What_README_shows_comes_out_beside_the_demo_which_keeps_its_data()
    {
        await using (var demo = Start())
        {
            await demo.SaysAsync("== 5.");
            var (code, output) = await ReadmeTests.RunProducerAsync(servers.AmqpUri);
            Assert.True(code == 0, output);
            var readme = await File.ReadAllTextAsync(Repository.File("README.md"), Token);
            Assert.Contains(output.Trim(), readme, StringComparison.Ordinal);
            Assert.Equal(0, await demo.TerminateAsync());
        }

        Assert.Contains(await ListDeadLettersAsync(), line => line == "1 dead letter");

        await using var again = Start("--once");
        Assert.True(await again.EndsAsync() == 0, string.Join('\n', again.Lines));
        // 12 of the first run, the README's call, and, as an act of whoever ran it, the replay that the second begins
        // with; 11 of the second one.
        Assert.Contains("proof   events 25, streams 9, missing 0, repeated 0", again.Lines);
    }

    public async ValueTask InitializeAsync() => await ForgetAsync();

    public async ValueTask DisposeAsync()
    {
        await ForgetAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // Connecting deletes the worker's queues.
    private async Task ForgetAsync()
    {
        await servers.Postgres.DropDatabaseAsync(Database, CancellationToken.None);
        await (await BrokerClient.ConnectAsync(servers.AmqpUri)).DisposeAsync();
    }

    private ExampleProcess Start(params string[] arguments) => ExampleProcess.Start(
        ["env", "-C", _folder, "dotnet", Repository.Output("demo", "VoiceWorker.Demo.dll"), .. arguments],
        new Dictionary<string, string>
        {
            ["VOICE_SERVERS"] = "",
            ["VOICE_POSTGRES"] = servers.Postgres.ConnectionString,
            ["VOICE_RABBITMQ"] = servers.AmqpUri.ToString(),
        });

    private async Task<IReadOnlyList<string>> ListDeadLettersAsync()
    {
        await using var verb = WorkerProcess.Start(WorkerProcess.Dll,
            RunningWorker.Connections(servers.Postgres.ConnectionString, servers), ["dead-letters", "list"]);
        await verb.WaitForExitAsync(Token);
        return verb.Output;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
