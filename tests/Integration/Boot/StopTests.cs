using System.Diagnostics;
using System.Net;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Integration.Boot;

/// <summary>A worker that is asked to leave leaves, whatever stands still around it.</summary>
public sealed class StopTests(TestServers servers)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task SIGTERM_while_the_database_stands_still_ends_with_0_within_the_limit_and_the_call_comes_again()
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
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, Limit + TimeSpan.FromSeconds(2));
        Assert.True(await Polling.UntilAsync(
            async token => await worker.Broker.AmqpChannel.MessageCountAsync("voice-worker.call-started", token) == 1,
            Limit, TestContext.Current.CancellationToken));
        frozen.Release();
    }

    private static async Task<bool> IsNotReadyAsync(Uri http, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = http };
        using var answer = await client.GetAsync(new Uri("/health/ready", UriKind.Relative), cancellationToken);
        return answer.StatusCode == HttpStatusCode.ServiceUnavailable;
    }
}
