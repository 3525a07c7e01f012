using System.Text.Json.Nodes;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Network;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients.Conformance;

/// <summary>What is behind the clients of one behaviour: RabbitMQ, the ways to it, a worker or its stand-in, audit
/// events.</summary>
internal sealed class Scene : IAsyncDisposable
{
    private readonly LocalRabbitMq _rabbitMq;
    private readonly Uri _virtualHost;
    private readonly TestServers _servers;
    private readonly List<FaultProxy> _nodes = [];
    private readonly Dictionary<int, Hold> _hanging = [];
    private LegacyDatabase? _database;
    private WorkerProcess? _worker;
    private StandIn? _standIn;
    private bool _isInAlarm;

    private Scene(LocalRabbitMq rabbitMq, Uri virtualHost, TestServers servers) =>
        (_rabbitMq, _virtualHost, _servers) = (rabbitMq, virtualHost, servers);

    public AuditFeed Feed { get; } = new();

    /// <summary>The ways to RabbitMQ that a client has.</summary>
    public IReadOnlyList<Uri> Ways { get; private set; } = [];

    public static async Task<Scene> SetAsync(Behaviour behaviour, LocalRabbitMq rabbitMq, Uri virtualHost, TestServers servers)
    {
        var scene = new Scene(rabbitMq, virtualHost, servers);
        var way = behaviour.Password is null ? virtualHost : new UriBuilder(virtualHost) { Password = behaviour.Password }.Uri;
        if (behaviour.Nodes > 1)
        {
            scene._nodes.AddRange(Enumerable.Range(0, behaviour.Nodes).Select(_ => new FaultProxy(virtualHost.Host, virtualHost.Port)));
            scene.Ways = [.. scene._nodes.Select(node => new UriBuilder(way) { Port = node.Port }.Uri)];
        }
        else
        {
            scene.Ways = [way];
        }

        if (behaviour.IsWithoutBroker)
            await rabbitMq.KillAsync(Token);
        return scene;
    }

    /// <summary>What the stand-in has heard of a message with these fields.</summary>
    public Delivery? Heard(JsonObject fields) => _standIn?.Heard.LastOrDefault(
        one => fields.All(field => JsonNode.DeepEquals(one.Json[field.Key], field.Value)));

    /// <summary>The voice that a call's answer has to have.</summary>
    public async Task<Func<JsonObject, string>> TruthAsync()
    {
        if (_database is null)
            return call => $"voice-{call["businessId"]}";
        var recorded = await RecordedVoices.ReadAsync(_database);
        return call => recorded[(string)call["callId"]!];
    }

    /// <summary>Does what a step says, where it is about the scene.</summary>
    public async Task<bool> DoAsync(JsonObject step)
    {
        switch (step.First().Key)
        {
            case "standIn":
                _standIn ??= await StandIn.StartAsync(_virtualHost);
                await _standIn.BehaveAsync((string)step["standIn"]!);
                return true;
            case "worker":
                await DoToWorkerAsync((string)step["worker"]!);
                return true;
            case "broker":
                await DoToBrokerAsync((string)step["broker"]!);
                return true;
            case "node":
                DoToNode((int)step["node"]!, (string)step["is"]!);
                return true;
            case "exchanges":
                await DoToExchangesAsync((string)step["exchanges"]!);
                return true;
            case "publish":
                await Feed.PublishAsync(
                    _virtualHost, step["publish"]!.AsArray().Select(one => (int)one!), step["replay"] is not null,
                    step["altered"] is not null);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Whether a queue has nothing left, delivered or not.</summary>
    public async Task<bool> IsEmptyAsync(string queue)
    {
        var counts = await _rabbitMq.ControlAsync(
            ["list_queues", "-q", "--no-table-headers", "-p", _virtualHost.AbsolutePath[1..], "name", "messages"], Token);
        return counts.Split('\n').Any(line => line.Split('\t') is [var name, "0"] && name == queue);
    }

    /// <summary>Whether somebody consumes a queue.</summary>
    public async Task<bool> HasConsumerAsync(string queue)
    {
        await using var client = await BrokerClient.ConnectAsync(_virtualHost);
        try
        {
            return (await client.AmqpChannel.QueueDeclarePassiveAsync(queue, Token)).ConsumerCount > 0;
        }
        catch (OperationInterruptedException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_standIn is not null)
            await _standIn.DisposeAsync();
        if (_worker is not null)
            await _worker.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
        foreach (var node in _nodes)
            await node.DisposeAsync();
        // A behaviour that has failed leaves neither to the next.
        if (_rabbitMq.Processes().Count == 0)
            await _rabbitMq.StartAsync(CancellationToken.None);
        if (_isInAlarm)
            await AlarmAsync("0.4");
    }

    private async Task DoToWorkerAsync(string what)
    {
        if (what == "kill")
        {
            _worker!.Kill();
            return;
        }

        if (_worker is not null)
            await _worker.DisposeAsync();
        if (_database is null)
        {
            _database = await _servers.Migrated.CopyAsync(businesses: 100);
            await _database.ExecuteAsync("UPDATE business SET voice_id = 'marin'");
        }

        _worker = WorkerProcess.Start(
            WorkerProcess.Dll, RunningWorker.Connections(_database.WorkerConnectionString, _virtualHost),
            ["run", "--Audit:Unrouted=Skip"]);
        await _worker.WaitReadyAsync(Token);
    }

    private Task DoToBrokerAsync(string what) => what switch
    {
        "kill" => _rabbitMq.KillAsync(Token),
        "stop" => _rabbitMq.StopAsync(),
        "start" => _rabbitMq.StartAsync(Token),
        "alarm" => AlarmAsync("absolute", "1MB"),
        "alarmOver" => AlarmAsync("0.4"),
        _ => throw new InvalidOperationException($"nothing is known of a broker that {what}"),
    };

    private Task<string> AlarmAsync(params string[] watermark)
    {
        _isInAlarm = watermark.Length > 1;
        return _rabbitMq.ControlAsync(["set_vm_memory_high_watermark", .. watermark], CancellationToken.None);
    }

    private void DoToNode(int number, string becomes)
    {
        var node = _nodes[number - 1];
        if (_hanging.Remove(number, out var hold))
            hold.Release();
        node.Refuses = becomes == "lost";
        if (becomes == "hanging")
            _hanging[number] = node.HoldBack("hanging", Side.Server);
    }

    private async Task DoToExchangesAsync(string become)
    {
        await using var client = await BrokerClient.ConnectAsync(_virtualHost);
        if (become == "declared")
        {
            await StandIn.DeclareAsync(client.AmqpChannel);
            return;
        }

        foreach (var exchange in (string[])[Exchanges.CallStarted, Exchanges.BusinessVoiceChanged])
            await client.AmqpChannel.ExchangeDeleteAsync(exchange, cancellationToken: Token);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
