using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>A broker's user that may not write to the default exchange, where replies and moves to error queues go.</summary>
public sealed class DefaultExchangeTests(TestServers servers)
{
    private const string User = "limited";
    private const string Queue = "voice-worker.call-started";
    private const int Calls = 20;

    [Fact]
    public async Task A_right_that_is_missing_ends_the_start_and_is_found_by_doctor()
    {
        await using var rabbit = await LaunchAsync(@"^(?!amq\.default$).*");
        await using var database = await servers.Migrated.CopyAsync(businesses: 10);

        var (run, output) = await RunAsync(database, rabbit, "run");
        var (doctor, findings) = await RunAsync(database, rabbit, "doctor");

        Assert.Equal(2, run);
        Assert.Contains("write on amq.default", output, StringComparison.Ordinal);
        Assert.DoesNotContain("delete it", output, StringComparison.Ordinal);
        Assert.Equal(10, doctor);
        Assert.Matches("error +rabbitMq.replies +.*write on amq.default", findings);
    }

    [Fact]
    public async Task A_right_that_is_taken_away_costs_the_replies_and_nothing_else()
    {
        await using var rabbit = await LaunchAsync(".*");
        await using var database = await servers.Migrated.CopyAsync(businesses: 10);
        await using var broker = await BrokerClient.ConnectAsync(rabbit.AmqpUri);
        await using var worker = WorkerProcess.Start(WorkerProcess.Dll, Environment(database, rabbit), ["run"]);
        await worker.WaitReadyAsync(Token);

        await AllowAsync(rabbit, @"^(?!amq\.default$).*");
        // A channel keeps the rights that it has found once.
        await rabbit.ControlAsync(["close_all_user_connections", User, "test"], Token);
        for (var n = 0; n < Calls; n++)
            await broker.PublishAsync(Exchanges.CallStarted, Wire.Call($"CA-{n}", 1), BrokerClient.DirectReply, $"{n}");

        Assert.True(await UntilAsync(async () =>
            await database.ScalarAsync<long>("SELECT count(*) FROM voice.call_voice") == Calls));
        Assert.True(await UntilAsync(async () => await CountAsync(rabbit) == "0 1"));
        Assert.True(await UntilAsync(() => Task.FromResult(worker.Output.Any(
            line => line.Contains("Replies to callers are lost: ACCESS_REFUSED", StringComparison.Ordinal)))));
        Assert.Equal(0u, await broker.AmqpChannel.MessageCountAsync($"{Queue}_error", Token));
    }

    // Waiting and unacknowledged messages, and consumers.
    private static async Task<string> CountAsync(LocalRabbitMq rabbit)
    {
        var lines = await rabbit.ControlAsync(["list_queues", "-q", "name", "messages", "consumers"], Token);
        var fields = lines.Split('\n').Select(line => line.Split('\t', ' ')).Single(fields => fields[0] == Queue);
        return $"{fields[^2]} {fields[^1]}";
    }

    private static async Task<LocalRabbitMq> LaunchAsync(string write)
    {
        var rabbit = await LocalRabbitMq.LaunchAsync(new ServerOptions(), Token);
        await rabbit.ControlAsync(["add_user", User, User], Token);
        await AllowAsync(rabbit, write);
        return rabbit;
    }

    private static Task<string> AllowAsync(LocalRabbitMq rabbit, string write) =>
        rabbit.ControlAsync(["set_permissions", "-p", "/", User, ".*", write, ".*"], Token);

    private static async Task<(int Code, string Output)> RunAsync(
        LegacyDatabase database, LocalRabbitMq rabbit, string verb)
    {
        await using var process = WorkerProcess.Start(WorkerProcess.Dll, Environment(database, rabbit), [verb]);
        var code = await process.WaitForExitAsync(Token);
        return (code, string.Join('\n', process.Output));
    }

    private static Dictionary<string, string> Environment(LegacyDatabase database, LocalRabbitMq rabbit) => new()
    {
        ["ConnectionStrings__Postgres"] = database.WorkerConnectionString,
        ["ConnectionStrings__RabbitMq"] = $"amqp://{User}:{User}@127.0.0.1:{rabbit.AmqpUri.Port}/",
    };

    private static Task<bool> UntilAsync(Func<Task<bool>> holds) =>
        Polling.UntilAsync(_ => holds(), TimeSpan.FromSeconds(60), Token);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
