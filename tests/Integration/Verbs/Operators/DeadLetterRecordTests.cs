using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RabbitMQ.Client.Events;
using VoiceWorker.Servers;
using VoiceWorker.Tests.Integration.DeadLetters;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Operators;

/// <summary>What is done with dead letters is recorded where PostgreSQL can be reached, and done where it cannot.</summary>
public sealed class DeadLetterRecordTests(TestServers servers)
{
    private const string Queue = "voice-worker.business-voice-changed";
    private const string DeadQueue = Queue + "_dead";
    private const string NotRecorded = "This act is not recorded in voice.operator_action: ";

    [Fact]
    public async Task Each_act_leaves_one_row_and_one_event_and_what_changes_nothing_leaves_none()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await DeclareInputAsync(broker);
        for (var n = 1; n <= 4; n++)
            await DeadLetterVerbs.PutAsync(broker, DeadQueue, Change(n), 1_769_851_800 + n);
        await using var connection =
            await new RabbitMQ.Client.ConnectionFactory { Uri = servers.AmqpUri }.CreateConnectionAsync(Token);

        var codes = new List<int>
        {
            await RunAsync(database, "replay", "--queue", DeadQueue, "--limit", "1", "--note", "Störung 7 behoben"),
        };
        var id = (await DeadLetterVerbs.IdsAsync(connection))[0];
        codes.Add(await RunAsync(database, "edit", "--id", id, "--set", "changedBy=anna", "--dry-run"));
        codes.Add(await RunAsync(database, "edit", "--id", id, "--set", "changedBy=anna", "--json"));
        codes.Add(await RunAsync(database, "discard", "--id", id));
        codes.Add(await RunAsync(database, "discard", "--all"));
        codes.Add(await RunAsync(database, "discard", "--all", "--yes", "--note=old"));
        codes.Add(await RunAsync(database, "list"));

        Assert.Equal([0, 0, 0, 2, 2, 0, 0], codes);
        Assert.Equal(
            [
                $$"""dead-letters replay {"limit": "1", "queue": "{{DeadQueue}}"} {"sent": 1, "stay": 0, "cameBack": 0} done Störung 7 behoben""",
                $$"""dead-letters edit {"id": "{{id}}", "set": "changedBy"} {"sent": 1, "stay": 0, "cameBack": 0} done""",
                """dead-letters discard {"all": "true"} {"discarded": 2} done old""",
            ], await RecordedActs.ReadAsync(database));
        Assert.Equal(0, (await VerbUnderTest.RunAsync(servers, database, "audit", "verify")).Code);
    }

    [Fact]
    public async Task What_stays_makes_an_act_incomplete_and_Ctrl_C_ends_one_with_what_was_done()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await DeadLetterVerbs.PutAsync(broker, DeadQueue, Change(1));

        var stays = await RunAsync(database, "replay", "--all");
        await DeclareInputAsync(broker);
        // Somebody consumes, and takes nothing.
        await using var other = await new RabbitMQ.Client.ConnectionFactory { Uri = servers.AmqpUri }.CreateConnectionAsync(Token);
        await using var busy = await other.CreateChannelAsync(cancellationToken: Token);
        await busy.BasicQosAsync(0, 1, global: false, Token);
        await broker.AmqpChannel.BasicPublishAsync("", Queue, mandatory: true, new RabbitMQ.Client.BasicProperties(), Change(2), Token);
        await busy.BasicConsumeAsync(Queue, autoAck: false, "", noLocal: false, exclusive: false, arguments: null, new AsyncEventingBasicConsumer(busy), Token);
        await using var replay = VerbUnderTest.Start(servers, database, "dead-letters", "replay", "--all", "--wait", "600");
        await DeadLetterVerbs.AssertCountAsync(broker, Queue, 1);
        // Its handler of signals is there before the first message is sent; the dead letter is gone when it waits.
        await DeadLetterVerbs.AssertCountAsync(broker, DeadQueue, 0);
        var interrupted = await replay.InterruptAsync(Token);

        Assert.Equal((8, 130), (stays, interrupted));
        Assert.Contains(replay.Output, line => line.StartsWith("sent 1, came back 0 so far: interrupted", StringComparison.Ordinal));
        Assert.Equal(
            [
                """dead-letters replay {"all": "true"} {"sent": 0, "stay": 1, "cameBack": 0} incomplete""",
                """dead-letters replay {"all": "true", "wait": "600"} {"sent": 1, "stay": 0, "cameBack": 0} interrupted""",
            ], await RecordedActs.ReadAsync(database));
    }

    [Fact]
    public async Task Without_PostgreSQL_it_is_done_as_before_and_said_why_it_is_not_recorded()
    {
        await using var legacy = await LegacyDatabase.CreateAsync(servers.Postgres);
        await using var migrated = await servers.Migrated.CopyAsync();
        await migrated.ExecuteAsync($"REVOKE EXECUTE ON FUNCTION voice.record_act FROM {migrated.WorkerName}");
        await using var earlier = await servers.Migrated.CopyAsync();
        await earlier.ExecuteAsync("DROP FUNCTION voice.record_act");
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var nobody = $"Host=127.0.0.1;Port={((IPEndPoint)silent.LocalEndpoint).Port};Database=app;Username=anna;Password=s3cr3t";
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);

        foreach (var (postgres, why) in new[]
        {
            ("", "ConnectionStrings:Postgres is missing"),
            ("Host=127.0.0.1;Port=1;Database=app;Username=anna", "PostgreSQL at 127.0.0.1:1, database app: connection refused"),
            (legacy.ConnectionString, "there is no voice.record_act yet; voice-worker migrate makes it"),
            (earlier.WorkerConnectionString, "there is no voice.record_act yet; voice-worker migrate makes it"),
            (migrated.WorkerConnectionString, "permission denied for function record_act; docs/roles.sql has the rights"),
            (migrated.ConnectionString + ";Database=nowhere", "database \"nowhere\" does not exist"),
            (nobody, ": no answer in time"),
        })
        {
            await DeadLetterVerbs.PutAsync(broker, DeadQueue, Change(1));
            var environment = RunningWorker.Connections(postgres, servers);
            if (postgres.Length == 0)
                environment.Remove("ConnectionStrings__Postgres");
            var begun = Stopwatch.StartNew();
            var (code, output) = await VerbUnderTest.RunAsync(environment, "dead-letters", "discard", "--all", "--yes");

            Assert.True(code == 0, output);
            Assert.StartsWith($"1 discarded\n{NotRecorded}", output, StringComparison.Ordinal);
            Assert.Contains(why, output, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", output, StringComparison.Ordinal);
            Assert.InRange(begun.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
            await DeadLetterVerbs.AssertCountAsync(broker, DeadQueue, 0);
        }
    }

    [Fact]
    public async Task An_operator_with_a_role_of_his_own_is_recorded_by_it()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await using var anna = await OperatorRole.CreateAsync(database);
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await DeadLetterVerbs.PutAsync(broker, DeadQueue, Change(1));

        var (code, output) = await VerbUnderTest.RunAsync(
            RunningWorker.Connections(anna.ConnectionString, servers), "dead-letters", "discard", "--all", "--yes");

        Assert.Equal((0, "1 discarded"), (code, output));
        Assert.Equal(["""dead-letters discard {"all": "true"} {"discarded": 1} done"""], await RecordedActs.ReadAsync(database, anna.Name));
    }

    private async Task<int> RunAsync(LegacyDatabase database, params string[] verb)
    {
        var (code, output) = await VerbUnderTest.RunAsync(servers, database, ["dead-letters", .. verb]);
        Assert.DoesNotContain(NotRecorded, output, StringComparison.Ordinal);
        return code;
    }

    private static async Task DeclareInputAsync(BrokerClient broker) => await broker.AmqpChannel.QueueDeclareAsync(
        InputQueue.BusinessVoiceChanged.Name, durable: true, exclusive: false, autoDelete: false, cancellationToken: Token);

    private static byte[] Change(int businessId) => Encoding.UTF8.GetBytes(
        $$"""{"businessId":{{businessId}},"voiceId":"sage","changedAt":"2026-01-31T09:30:00Z"}""");

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
