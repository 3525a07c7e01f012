using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Network;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using VoiceWorker.Servers;
using VoiceWorker.Tests.Integration.Verbs;
using Xunit;

namespace VoiceWorker.Tests.Integration.Servers;

/// <summary>Several nodes in <c>ConnectionStrings:RabbitMq</c>: one broker behind several addresses.</summary>
public sealed class SeveralNodesTests(TestServers servers)
{
    // MassTransit by itself would come back after 4 s, then after 8, 14 and 28 s.

    [Fact]
    public async Task A_node_that_refuses_is_passed_over_by_the_worker_and_the_verbs()
    {
        await using var database = await servers.Migrated.CopyAsync(10);
        var (dead, broker) = (FreePort.Next(), servers.AmqpUri);
        var environment = Environment(database, dead, dead, broker.Port);
        await using var client = await BrokerClient.ConnectAsync(broker);
        await using var worker = WorkerLauncher.Start(environment, ["run", "--Replies:Deadline=00:00:20"]);
        await worker.WaitReadyAsync(Token);
        var audit = await client.BindAsync(Exchanges.VoiceAudit);

        await client.AskAsync(Exchanges.CallStarted, Wire.Call("CA-1", 1)).WaitAsync(Waits.Longest, Token);
        await BrokerClient.TakeAsync(audit, 1).WaitAsync(Waits.Longest, Token);

        Assert.DoesNotContain(worker.Output, line => line.Contains("Waiting for RabbitMQ", StringComparison.Ordinal));
        foreach (var verb in new[] { "status", "doctor" })
        {
            var (_, output) = await VerbUnderTest.RunAsync(environment, verb);
            Assert.Contains("voice-worker.call-started", output, StringComparison.Ordinal);
            Assert.DoesNotContain("does not answer", output, StringComparison.Ordinal);
        }

        var lines = await servers.RabbitMq.ControlAsync(
            ["list_connections", "-q", "vhost", "client_properties"], Token);
        var own = lines.Split('\n')
            .Where(line => line.StartsWith(servers.VirtualHost + "\t", StringComparison.Ordinal)).ToList();
        foreach (var duty in new[] { "bus", "replies", "relay" })
            Assert.Contains(own, line =>
                line.Contains($"voice-worker {duty} on {System.Environment.MachineName}", StringComparison.Ordinal));
    }

    [FullRun]
    [Fact]
    public async Task A_node_that_accepts_and_says_nothing_is_passed_over_within_seconds()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var broker = servers.AmqpUri;
        var options = new ConnectionOptions
        {
            RabbitMq = AddressOf(((IPEndPoint)silent.LocalEndpoint).Port, broker.Port),
        };
        // So that the silent one is tried first.
        options.Nodes.Avoid(new AmqpTcpEndpoint("127.0.0.1", broker.Port));
        var began = Stopwatch.GetTimestamp();

        await using var connection = await RabbitConnection.OpenAsync(options, "test", Token);

        Assert.Equal(broker.Port, connection.Endpoint.Port);
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3) + Waits.Prompt);
    }

    [Fact]
    public async Task When_none_of_them_can_be_used_each_is_named_with_its_reason()
    {
        await using var database = await servers.Migrated.CopyAsync(1);
        var (dead, hollow) = (FreePort.Next(), FreePort.Next());
        await using var closing = new FaultProxy("127.0.0.1", hollow);

        var (code, output) = await VerbUnderTest.RunAsync(
            Environment(database, dead, closing.Port), "run", "--Boot:Timeout=00:00:01");

        Assert.Equal(7, code);
        Assert.Contains(
            $"RabbitMQ at 127.0.0.1:{dead}, 127.0.0.1:{closing.Port} does not answer: ", output,
            StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{dead}: connection refused", output, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{closing.Port}: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_a_node_goes_everything_goes_on_through_another_one_at_once()
    {
        await using var database = await servers.Migrated.CopyAsync(10);
        var broker = servers.AmqpUri;
        await using var a = new FaultProxy(broker.Host, broker.Port);
        await using var b = new FaultProxy(broker.Host, broker.Port);
        await using var c = new FaultProxy(broker.Host, broker.Port);
        await using var client = await BrokerClient.ConnectAsync(broker);
        await using var worker = WorkerLauncher.Start(
            Environment(database, a.Port, b.Port, c.Port), ["run", "--Replies:Deadline=00:00:20"]);
        await worker.WaitReadyAsync(Token);
        var audit = await client.BindAsync(Exchanges.VoiceAudit);
        await AnswersAsync("CA-1");

        // Which connection leads through which is left to chance; in the end all lead through the third.
        await a.DisposeAsync();
        await AnswersAsync("CA-2");
        await b.DisposeAsync();
        await AnswersAsync("CA-3");

        Assert.DoesNotContain(worker.Output, line => line.Contains("Waiting for RabbitMQ", StringComparison.Ordinal));

        async Task AnswersAsync(string call)
        {
            await client.AskAsync(Exchanges.CallStarted, Wire.Call(call, 1)).WaitAsync(Waits.Longest, Token);
            string? callId;
            do
                callId = (await BrokerClient.TakeAsync(audit, 1).WaitAsync(Waits.Longest, Token))[0].Field("callId");
            while (callId != call);
        }
    }

    [FullRun]
    [Fact]
    public async Task While_no_node_is_there_it_is_not_ready_and_it_comes_back_with_the_first()
    {
        await using var database = await servers.Migrated.CopyAsync(10);
        await using var rabbit = await LocalRabbitMq.LaunchAsync(new ServerOptions(), Token);
        var environment = RunningWorker.Connections(database.WorkerConnectionString, rabbit.AmqpUri);
        await using var worker = WorkerLauncher.Start(environment, ["run"]);
        await worker.WaitReadyAsync(Token);

        foreach (var outage in new[] { 1, 2 })
        {
            await rabbit.KillAsync(Token);
            Assert.True(await IsUnreadyAsync(worker), $"it is ready without a broker: outage {outage}");
            await WritesAsync(worker, "voice-worker.call-started is not consumed: ", outage);
            await rabbit.StartAsync(Token);
            await WritesAsync(worker, "voice-worker.call-started is consumed again", outage);
        }
    }

    private static async Task WritesAsync(IWorker worker, string text, int times) => Assert.True(
        await Polling.UntilAsync(
            _ => Task.FromResult(worker.Output.Count(line => line.Contains(text, StringComparison.Ordinal)) == times),
            Waits.Longest, Token),
        $"it does not write {times} times {text}:\n{string.Join('\n', worker.Output)}");

    private static async Task<bool> IsUnreadyAsync(IWorker worker)
    {
        using var http = new HttpClient { BaseAddress = worker.Http };
        return await Polling.UntilAsync(async token =>
        {
            using var response = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), token);
            return response.StatusCode is HttpStatusCode.ServiceUnavailable;
        }, Waits.Longest, Token);
    }

    private Dictionary<string, string> Environment(LegacyDatabase database, params int[] ports)
    {
        var environment = RunningWorker.Connections(database.WorkerConnectionString, servers);
        environment["ConnectionStrings__RabbitMq"] = AddressOf(ports);
        return environment;
    }

    private string AddressOf(params int[] ports) => $"amqp://{servers.AmqpUri.UserInfo}@"
        + $"{string.Join(',', ports.Select(port => $"127.0.0.1:{port}"))}{servers.AmqpUri.AbsolutePath}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
