using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Integration.Servers;
using VoiceWorker.Tests.Integration.Verbs;
using Xunit;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>A broker's user that may not write to the default exchange, where replies and moves to error queues go.</summary>
public sealed class DefaultExchangeTests(TestServers servers)
{
    private const string Queue = "voice-worker.call-started";
    private const string NotTheDefault = @"^(?!amq\.default$).*";
    private const int Calls = 20;

    [FullRun]
    [Fact]
    public async Task A_right_that_is_missing_ends_the_start_and_is_found_by_doctor()
    {
        await using var database = await servers.Migrated.CopyAsync(businesses: 10);
        await using var user = await BrokerUser.AddAsync(servers, ".*", NotTheDefault, ".*");
        var environment = user.EnvironmentOn(database);

        var (run, output) = await VerbUnderTest.RunAsync(environment, "run");
        var (doctor, findings) = await VerbUnderTest.RunAsync(environment, "doctor");

        Assert.Equal(3, run);
        Assert.Contains("write on amq.default", output, StringComparison.Ordinal);
        Assert.DoesNotContain("delete it", output, StringComparison.Ordinal);
        Assert.Equal(10, doctor);
        Assert.Matches("error +rabbitMq.replies +.*write on amq.default", findings);
    }

    [FullRun]
    [Fact]
    public async Task A_right_that_is_taken_away_costs_the_replies_and_nothing_else()
    {
        await using var database = await servers.Migrated.CopyAsync(businesses: 10);
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await using var user = await BrokerUser.AddAsync(servers, ".*", ".*", ".*");
        await using var worker = WorkerLauncher.Start(user.EnvironmentOn(database), ["run"]);
        await worker.WaitReadyAsync(Token);

        await user.AllowAsync(".*", NotTheDefault, ".*");
        // A channel keeps the rights that it has found once.
        await servers.RabbitMq.ControlAsync(["close_all_user_connections", user.Name, "test"], Token);
        for (var n = 0; n < Calls; n++)
            await broker.PublishAsync(Exchanges.CallStarted, Wire.Call($"CA-{n}", 1), BrokerClient.DirectReply, $"{n}");

        Assert.True(await UntilAsync(async () =>
            await database.ScalarAsync<long>("SELECT count(*) FROM voice.call_voice") == Calls));
        Assert.True(await UntilAsync(async () => await CountAsync() == "0 1"));
        Assert.True(await UntilAsync(() => Task.FromResult(worker.Output.Any(
            line => line.Contains("Replies to callers are lost: ACCESS_REFUSED", StringComparison.Ordinal)))));
        Assert.Equal(0u, await broker.AmqpChannel.MessageCountAsync($"{Queue}_error", Token));
    }

    // Waiting and unacknowledged messages, and consumers.
    private async Task<string> CountAsync()
    {
        var lines = await servers.RabbitMq.ControlAsync(
            ["list_queues", "-q", "-p", servers.VirtualHost, "name", "messages", "consumers"], Token);
        var fields = lines.Split('\n').Select(line => line.Split('\t', ' ')).Single(fields => fields[0] == Queue);
        return $"{fields[^2]} {fields[^1]}";
    }

    private static Task<bool> UntilAsync(Func<Task<bool>> holds) =>
        Polling.UntilAsync(_ => holds(), Waits.Longest, Token);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
