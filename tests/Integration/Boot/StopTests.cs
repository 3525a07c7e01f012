using System.Diagnostics;
using System.Net;
using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Network;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Integration.Boot;

/// <summary>A worker that is asked to leave leaves, whatever stands still around it.</summary>
public sealed class StopTests(TestServers servers)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    [FullRun]
    [Fact]
    public async Task SIGTERM_with_an_unresponsive_database_ends_with_0_in_time_and_the_call_returns()
    {
        await using var world = await FrozenDatabase.CreateAsync(
            servers, $"--Shutdown:Timeout={Limit}", "--Replies:Deadline=00:00:00.050");
        var worker = world.Worker;
        var frozen = world.Freeze();
        var inFlight = await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-in-flight", 1));

        var begun = Stopwatch.GetTimestamp();
        var ended = worker.Process.TerminateAsync(TestContext.Current.CancellationToken);
        Assert.True(await Polling.UntilAsync(
            token => IsNotReadyAsync(worker.Process.Http, token), Limit, TestContext.Current.CancellationToken));
        Assert.False(ended.IsCompleted);
        Assert.Equal(0, await ended);

        Assert.Equal("databaseUnavailable", inFlight.Field("reason"));
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, Limit + Waits.Prompt);
        Assert.True(await Polling.UntilAsync(
            async token => await worker.Broker.AmqpChannel.MessageCountAsync("voice-worker.call-started", token) == 1,
            Limit, TestContext.Current.CancellationToken));
        frozen.Release();
    }

    [Fact]
    public async Task SIGTERM_with_a_database_that_stops_answering_during_the_boot_ends_with_0_in_time()
    {
        await using var database = await servers.Migrated.CopyAsync();
        var direct = new NpgsqlConnectionStringBuilder(database.WorkerConnectionString);
        await using var toPostgres = new FaultProxy(direct.Host!, direct.Port);
        var silence = toPostgres.HoldBack("the boot reads the schema", Side.Server, Cue.Says(Side.Client, "pg_attribute"));
        var route = new NpgsqlConnectionStringBuilder(direct.ConnectionString) { Host = "127.0.0.1", Port = toPostgres.Port };
        await using var worker = WorkerProcess.Start(
            WorkerProcess.Dll, RunningWorker.Connections(route.ConnectionString, servers), ["run", $"--Shutdown:Timeout={Limit}"]);
        await silence.ReachedAsync(Waits.Longest, TestContext.Current.CancellationToken);

        var begun = Stopwatch.GetTimestamp();
        var code = await worker.TerminateAsync(TestContext.Current.CancellationToken);

        Assert.True(code == 0, string.Join('\n', worker.Output));
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, Limit + Waits.Prompt);
    }

    private static async Task<bool> IsNotReadyAsync(Uri http, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = http };
        using var answer = await client.GetAsync(new Uri("/health/ready", UriKind.Relative), cancellationToken);
        return answer.StatusCode == HttpStatusCode.ServiceUnavailable;
    }
}
