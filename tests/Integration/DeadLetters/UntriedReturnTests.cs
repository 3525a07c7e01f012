using System.Text;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.Integration.DeadLetters;

/// <summary>What RabbitMQ took out of its queue while no worker consumed it comes back by itself.</summary>
public sealed class UntriedReturnTests(TestServers servers)
{
    private const string Calls = "voice-worker.call-started";
    private const string Changes = "voice-worker.business-voice-changed";

    [Fact]
    public async Task What_expired_without_a_worker_is_recorded_and_not_answered()
    {
        var database = await servers.Migrated.CopyAsync(10);
        await StopOneAsync(database);
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        var audit = new AuditLog(await broker.BindAsync(Exchanges.VoiceAudit));
        await PublishAsync(broker, Exchanges.CallStarted, Wire.Call("CA-late", 7));
        await PublishAsync(broker, Exchanges.BusinessVoiceChanged,
            """{"businessId":8,"voiceId":"sage","changedAt":"2026-01-31T09:30:00Z","changedBy":"a@b.example"}""");
        await PublishAsync(
            broker, Exchanges.CallStarted,
            """{"callId":"CA-broken","businessId":"none","startedAt":"2026-01-31T09:30:00Z"}""");
        await DeadLetterVerbs.AssertCountAsync(broker, Calls + "_dead", 2);
        await DeadLetterVerbs.AssertCountAsync(broker, Changes + "_dead", 1);
        await DeadLetterVerbs.PutAsync(broker, Calls + "_dead", Encoding.UTF8.GetBytes(Wire.Call("CA-tried", 7)));

        await using var worker = await RunningWorker.StartAsync(
            servers, database, database.WorkerConnectionString, "--Observability:Interval=00:00:00.500");

        Assert.Equal("CA-late", (await audit.OfBusinessAsync(7, 1))[0].Field("callId"));
        Assert.Equal("sage", (await audit.OfBusinessAsync(8, 1))[0].Field("voiceId"));
        await DeadLetterVerbs.AssertCountAsync(broker, Calls + "_error", 1);
        // What a worker has failed on is the operator's.
        await DeadLetterVerbs.AssertCountAsync(broker, Calls + "_dead", 1);
        // Nothing was answered before this one.
        var next = await broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-next", 7));
        Assert.Equal("CA-next", next.Field("callId"));
        Assert.Contains(worker.Process.Output, line =>
            line.Contains($"2 messages of {Calls} expired", StringComparison.Ordinal));
    }

    // Declares everything.
    private async Task StopOneAsync(LegacyDatabase database)
    {
        await using var worker = WorkerLauncher.Start(
            RunningWorker.Connections(database.WorkerConnectionString, servers), ["run", "--Audit:Unrouted=Skip"]);
        await worker.WaitReadyAsync(Token);
        await worker.TerminateAsync(Token);
    }

    // As MassTransit's request client does, at an address where nobody has to read.
    private static Task PublishAsync(BrokerClient broker, string exchange, string message) => broker.PublishAsync(
        exchange, Encoding.UTF8.GetBytes(message),
        new BasicProperties { ReplyTo = BrokerClient.DirectReply, Expiration = "1" });

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
