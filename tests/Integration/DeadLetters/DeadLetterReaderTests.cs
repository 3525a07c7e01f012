using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using VoiceWorker.Boot;
using VoiceWorker.Contracts;
using VoiceWorker.DeadLetters;
using VoiceWorker.Servers;
using VoiceWorker.Verbs.DeadLetters;
using VoiceWorker.Verbs.Shell;
using Xunit;

namespace VoiceWorker.Tests.Integration.DeadLetters;

/// <summary>What the verbs for dead letters tell and do, also without a terminal. No worker runs.</summary>
public sealed class DeadLetterReaderTests(TestServers servers) : IAsyncLifetime
{
    private const string Queue = "voice-worker.business-voice-changed";
    private const string DeadQueue = Queue + "_dead";

    private BrokerClient Broker { get; set; } = null!;

    private IConnection Connection { get; set; } = null!;

    private OperatorAct Act { get; } = new("anna (console)", "dead-letters replay", new Dictionary<string, string>(), note: null);

    public async ValueTask InitializeAsync()
    {
        Broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        Connection = await new ConnectionFactory { Uri = servers.AmqpUri }.CreateConnectionAsync(Token);
        await Broker.AmqpChannel.QueueDeclareAsync(
            DeadQueue, durable: true, exclusive: false, autoDelete: false, QueueArguments.OfDeadLetters(), cancellationToken: Token);
        await Broker.AmqpChannel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Broker.AmqpChannel.QueueDeleteAsync(DeadQueue, cancellationToken: Token);
        await Broker.AmqpChannel.QueueDeleteAsync(Queue, cancellationToken: Token);
        await Connection.DisposeAsync();
        await Broker.DisposeAsync();
    }

    [Theory]
    [InlineData("1 2 3")]
    [InlineData("2", "--call", "CA-2")]
    [InlineData("", "--call", "CA")]
    [InlineData("1", "--producer", "SHOP")]
    [InlineData("2", "--producer", "crm")]
    [InlineData("2 3", "--since", "2026-01-31T09:30:02Z")]
    [InlineData("2", "--since", "2026-01-31T09:30:02Z", "--before", "2026-01-31T09:30:03Z")]
    public async Task Those_are_listed_for_which_all_holds(string expected, params string[] which)
    {
        await PutAsync(1, new BasicProperties(), """{"message":{"callId":"CA-1"},"host":{"processName":"shop","machineName":"web"}}""");
        await PutAsync(2, new BasicProperties { AppId = "CRM 2" }, """{"callId":"CA-2"}""");
        await PutAsync(3, new BasicProperties());

        var (code, output) = await DeadLetterVerbs.RunAsync(servers, ["list", "--json", .. which]);

        Assert.Equal(0, code);
        var listed = JsonNode.Parse(output)!.AsArray();
        Assert.Equal(expected, string.Join(' ', listed.Select(one => DateTimeOffset.Parse((string)one!["diedAt"]!, null).Second)));
        Assert.All(listed, one => Assert.True((string?)one!["producer"] is "shop@web" or "CRM 2" or null));
    }

    [Fact]
    public async Task A_dry_run_says_how_many_would_be_sent_by_reason_and_sends_nothing()
    {
        for (var n = 1; n <= 3; n++)
            await PutAsync(n, new BasicProperties());

        var told = await DeadLetterVerbs.RunAsync(servers, "replay", "--all", "--limit", "2", "--dry-run");
        var (_, json) = await DeadLetterVerbs.RunAsync(servers, "replay", "--since", "2026-01-31T09:30:03Z", "--dry-run", "--json");

        Assert.Equal(0, told.Code);
        Assert.EndsWith("2 dead letters\n2 would be sent; nothing was", told.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("not recorded", told.Output, StringComparison.Ordinal);
        Assert.Equal(
            (1, 1, "delivered too often (Bus:DeliveryLimit)"),
            ((int)JsonNode.Parse(json)!["wouldSend"]!, (int)JsonNode.Parse(json)!["groups"]![0]!["count"]!, (string?)JsonNode.Parse(json)!["groups"]![0]!["reason"]));
        await DeadLetterVerbs.AssertCountAsync(Broker, DeadQueue, 3);
        await DeadLetterVerbs.AssertCountAsync(Broker, Queue, 0);
    }

    [Fact]
    public async Task A_rate_is_kept()
    {
        for (var n = 1; n <= 9; n++)
            await PutAsync(n, new BasicProperties());
        var begun = Stopwatch.GetTimestamp();

        var (code, output) = await DeadLetterVerbs.RunAsync(servers, "replay", "--all", "--rate", "10", "--wait", "0");

        Assert.True(code == 0, output);
        Assert.True(Stopwatch.GetElapsedTime(begun) >= TimeSpan.FromMilliseconds(800));
        await DeadLetterVerbs.AssertCountAsync(Broker, Queue, 9);
    }

    [Fact]
    public async Task A_replay_that_is_interrupted_ends_with_what_it_has_done_and_the_rest_stays()
    {
        for (var n = 1; n <= 9; n++)
            await PutAsync(n, new BasicProperties());
        using var interruption = new CancellationTokenSource();
        var progress = new Noting<ReplayProgress>(so => { if (so.Sent == 3) interruption.Cancel(); });
        var order = new ReplayOrder(new DeadLetterFilter { Queue = DeadQueue }, Limit: 0, Rate: 10, TimeSpan.FromMinutes(1));

        var result = await DeadLetterReplay.RunAsync(Connection, order, TimeProvider.System, Act, progress, interruption.Token);

        Assert.Equal((true, OperatorActResult.Interrupted, "interrupted"), (result.IsInterrupted, result.Ended, result.Back.Unknown));
        Assert.InRange(result.Sent, 3, 4);
        Assert.Equal(result.Sent, Act.ToEvent(result.Ended).Counts["sent"]);
        await DeadLetterVerbs.AssertCountAsync(Broker, Queue, (uint)result.Sent);
        await DeadLetterVerbs.AssertCountAsync(Broker, DeadQueue, 9 - (uint)result.Sent);
    }

    [Fact]
    public async Task What_was_read_is_discarded_and_nothing_that_came_later()
    {
        await PutAsync(1, new BasicProperties());
        await PutAsync(2, new BasicProperties());
        await using var discard = new DeadLetterDiscard(Connection);
        var lines = await discard.ReadAsync(new DeadLetterFilter { Queue = DeadQueue }, limit: 0, Token)
            .Select(DeadLetterDiscard.LineOf).ToListAsync(Token);
        await PutAsync(3, new BasicProperties());

        var result = await discard.RunAsync(Act, progress: null, Token);

        Assert.Equal((2, 2, 2), (discard.Count, discard.Groups.Count, result.Gone.Count));
        Assert.Equal(result.Gone, lines.Select(line => (string)JsonNode.Parse(line)!["id"]!));
        Assert.Equal((OperatorActResult.Done, 2), (result.Ended, Act.ToEvent(result.Ended).Counts["discarded"]));
        await DeadLetterVerbs.AssertCountAsync(Broker, DeadQueue, 1);
    }

    [Fact]
    public async Task A_correction_says_what_it_still_breaks_and_is_sent_when_it_breaks_nothing()
    {
        await PutAsync(1, new BasicProperties(), """{"businessId":"x","voiceId":"sage","changedAt":"2026-01-31T09:30:00Z","own":1}""");
        await using var queues = new DeadLetterQueues(Connection);
        var letter = await queues.ReadAsync(new DeadLetterFilter { Queue = DeadQueue }, Token).SingleAsync(Token);

        var broken = DeadLetterEdit.Check(letter.Origin, letter.Message.Body, [KeyValuePair.Create("businessId", "0")]);
        var right = DeadLetterEdit.Check(letter.Origin, letter.Message.Body, [KeyValuePair.Create("businessId", "7")]);
        var result = await DeadLetterEdit.SendAsync(Connection, queues, letter, right, TimeSpan.Zero, TimeProvider.System, Act, Token);

        Assert.Equal("businessId", Assert.Single(broken.Broken).Field);
        Assert.Empty(right.Broken);
        Assert.Equal((null, letter.Id, OperatorActResult.Done), (result.Stays, result.Id, result.Ended));
        var sent = Assert.Single(await DeadLetterVerbs.TakeAsync(Broker, Queue, 1));
        Assert.Equal("""{"businessId":7,"voiceId":"sage","changedAt":"2026-01-31T09:30:00Z","own":1}""", sent.Body);
        await DeadLetterVerbs.AssertCountAsync(Broker, DeadQueue, 0);
    }

    [Fact]
    public async Task An_act_of_somebody_without_a_terminal_is_recorded_or_told_why_not()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await using var there = Tools(database.WorkerConnectionString);
        await using var nowhere = Tools("Host=127.0.0.1;Port=1;Database=app;Username=worker");
        var told = new List<string>();

        var one = await Act.RunAsync(there.Services, () => Task.FromResult("done"), _ => OperatorActResult.Done, Tell);
        var other = await Act.RunAsync(nowhere.Services, () => Task.FromResult("too"), _ => OperatorActResult.Incomplete, Tell);

        Assert.Equal(("done", "too"), (one, other));
        Assert.StartsWith("This act is not recorded in voice.operator_action: ", Assert.Single(told), StringComparison.Ordinal);
        Assert.Equal("anna (console) dead-letters replay done", await database.ScalarAsync<string>(
            "SELECT concat_ws(' ', operator, verb, result) FROM voice.operator_action"));

        Task Tell(string obstacle)
        {
            told.Add(obstacle);
            return Task.CompletedTask;
        }
    }

    private Microsoft.AspNetCore.Builder.WebApplication Tools(string postgres) => WorkerHost.BuildTools(
        [$"--ConnectionStrings:Postgres={postgres}", $"--ConnectionStrings:RabbitMq={servers.AmqpUri}"]);

    private async Task PutAsync(int second, BasicProperties properties, string? body = null)
    {
        var death = new Dictionary<string, object?>
        {
            ["reason"] = "delivery_limit", ["count"] = 1L, ["time"] = new AmqpTimestamp(1_769_851_800 + second),
        };
        properties.Headers = new Dictionary<string, object?> { ["x-death"] = new List<object?> { death } };
        await Broker.AmqpChannel.BasicPublishAsync(
            "", DeadQueue, mandatory: true, properties, Encoding.UTF8.GetBytes(body ?? $$"""{"n":{{second}}}"""), Token);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Is told at once, where <see cref="Progress{T}"/> is told some time.</summary>
    private sealed class Noting<T>(Action<T> note) : IProgress<T>
    {
        public void Report(T value) => note(value);
    }
}
