using System.Text;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Network;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Faults.World;
using Xunit;

namespace VoiceWorker.Tests.Integration.DeadLetters;

/// <summary><c>dead-letters replay --all</c> gets SIGKILL in the middle of a message.</summary>
public sealed class KilledReplayTests(WorkerFixture worker, TestServers servers) : IClassFixture<WorkerFixture>
{
    private const string DeadQueue = "voice-worker.call-started_dead";
    private const uint Letters = 3;

    // Of a frame: class 60, method 40, no ticket.
    private static readonly byte[] BasicPublish = [0, 60, 0, 40, 0, 0];

    /// <summary>Where it is stopped, and how many letters at least are processed all the same.</summary>
    public static TheoryData<string, Func<FaultProxy, Hold>, int> Moments { get; } = new()
    {
        { "before the message is published", Publishes, 0 },
        { "published and not known to be confirmed", FaultPoints.Confirms, 1 },
        { "confirmed and the dead one not acknowledged", FaultPoints.Acknowledgements, 1 },
    };

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task A_replay_that_is_killed_loses_nothing_and_its_repeat_has_no_second_effect(
        string moment, Func<FaultProxy, Hold> stopAt, int processed)
    {
        var businessId = worker.NextBusiness();
        for (var n = 1; n <= Letters; n++)
            await DeadLetterVerbs.PutAsync(worker.Broker, DeadQueue, Encoding.UTF8.GetBytes(Wire.Call($"CA-{businessId}-{n}", businessId)));

        await KillReplayAsync(stopAt);

        // All are still there: the one that was replayed as well.
        await DeadLetterVerbs.AssertCountAsync(worker.Broker, DeadQueue, Letters);
        Assert.True(
            await Polling.UntilAsync(async _ => await CallsAsync(businessId) >= processed, Waits.Longest, Token), moment);
        Assert.InRange(await CallsAsync(businessId), processed, processed == 0 ? 0 : Letters);
        var again = await DeadLetterVerbs.RunAsync(servers, "replay", "--all");
        Assert.True(again.Code == 0, $"{moment}: {again.Output}");
        Assert.Contains($"sent {Letters}, came back 0", again.Output, StringComparison.Ordinal);
        await DeadLetterVerbs.AssertCountAsync(worker.Broker, DeadQueue, 0);
        // A call of after the repeats: what they did is done.
        await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call($"CA-{businessId}-last", businessId));
        await worker.Audit.OfBusinessAsync(businessId, (int)Letters + 1);
        Assert.Equal(Letters + 1, await CallsAsync(businessId));
    }

    private static Hold Publishes(FaultProxy toBroker) => toBroker.HoldBack(
        "a message is published", Side.Client, Cue.Says(Side.Client, "basic.publish", BasicPublish));

    private async Task KillReplayAsync(Func<FaultProxy, Hold> stopAt)
    {
        var broker = servers.AmqpUri;
        await using var proxy = new FaultProxy(broker.Host, broker.Port);
        var hold = stopAt(proxy);
        var environment = RunningWorker.Connections("Host=127.0.0.1;Port=1;Database=app;Username=worker", servers);
        environment["ConnectionStrings__RabbitMq"] = new UriBuilder(broker) { Host = "127.0.0.1", Port = proxy.Port }.Uri.ToString();
        await using var verb = WorkerProcess.Start(WorkerProcess.Dll, environment, ["dead-letters", "replay", "--all"]);
        await hold.ReachedAsync(Waits.Longest, Token);
        verb.Kill();
        await verb.WaitForExitAsync(Token);
        hold.Cut();
    }

    private Task<long> CallsAsync(int businessId) =>
        worker.Database.ScalarAsync<long>($"SELECT count(*) FROM voice.call_voice WHERE business_id = {businessId}");

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
