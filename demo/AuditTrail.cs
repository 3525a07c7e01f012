using System.Text.Json.Nodes;
using MassTransit;
using RabbitMQ.Client;
using VoiceWorker.Example;

namespace VoiceWorker.Demo;

/// <summary>The .NET kit's audit consumer with a queue of its own: each event once, and shown.</summary>
internal sealed class AuditTrail : IConsumer<AnyAuditEvent>, IAsyncDisposable
{
    private const string Queue = "demo.voice-audit";

    /// <summary>The verb that brings what was recorded before this run.</summary>
    public const string Replay = $"audit replay --all --to-queue {Queue}";

    private readonly string _file = Path.GetTempFileName();
    private readonly List<(AuditEvent Event, bool IsReplayed)> _events = [];
    private readonly Uri _broker;
    private readonly Ledger _ledger;
    private IBusControl? _bus;
    private bool _isShown;

    private AuditTrail(Uri broker) => (_broker, _ledger) = (broker, new Ledger(_file));

    /// <summary>Binds the queue, so that it misses nothing of a worker that starts later. An earlier run may have been
    /// killed before it deleted it.</summary>
    public static async Task<AuditTrail> OpenAsync(Uri broker, CancellationToken cancellationToken)
    {
        await DeleteQueueAsync(broker, cancellationToken);
        var trail = new AuditTrail(broker);
        trail._bus = await AuditBus.StartAsync(broker, Queue, trail);
        return trail;
    }

    public Task Consume(ConsumeContext<AnyAuditEvent> context)
    {
        var (body, headers) = (context.ReceiveContext.Body.GetString(), context.ReceiveContext.TransportHeaders);
        var type = headers.Get<string>("MT-MessageType")!.Split(':')[^1];
        if (!_ledger.Add(body, type))
            return Task.CompletedTask;
        var known = (new AuditEvent(type, JsonNode.Parse(body)!.AsObject()), headers.TryGetHeader("x-replay", out _));
        lock (_events)
        {
            _events.Add(known);
            if (_isShown)
                Show(known);
        }

        return Task.CompletedTask;
    }

    /// <summary>Shows what this run has brought so far, and everything from now on.</summary>
    public void Show()
    {
        lock (_events)
        {
            _isShown = true;
            _events.ForEach(Show);
        }
    }

    public int Count(string type, Func<AuditEvent, bool> isIt)
    {
        lock (_events)
            return _events.Count(known => known.Event.Type == type && isIt(known.Event));
    }

    /// <summary>Sequences without a gap prove that nothing was missed.</summary>
    public (int Events, int Streams, long Missing, int Repeated) Prove() => Ledger.Proof(_file);

    public async ValueTask DisposeAsync()
    {
        if (_bus is not null)
            await _bus.StopAsync();
        await DeleteQueueAsync(_broker, CancellationToken.None);
        _ledger.Dispose();
        File.Delete(_file);
    }

    private static async Task DeleteQueueAsync(Uri broker, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory { Uri = broker };
        await using var connection = await factory.CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.QueueDeleteAsync(Queue, cancellationToken: cancellationToken);
    }

    private static void Show((AuditEvent Event, bool IsReplayed) known)
    {
        if (!known.IsReplayed)
            Screen.Line("audit", known.Event.ToString(), "teal");
    }
}

/// <summary>An audit event as a consumer in any language sees it.</summary>
/// <param name="Type">Such as CallVoiceResolved.</param>
/// <param name="Json">The body.</param>
internal sealed record AuditEvent(string Type, JsonObject Json)
{
    private static readonly HashSet<string> NotShown =
        ["eventId", "stream", "sequence", "occurredAt", "businessId", "startedAt", "changedAt"];

    /// <summary>A field as text; empty when it is absent or null.</summary>
    public string this[string name] => Json[name]?.ToString() ?? "";

    /// <summary>Stream, sequence, type and the main ones of its own fields, aligned.</summary>
    public override string ToString() => $"{this["stream"],-15}#{this["sequence"],-3} {Type,-28}" + string.Join(
        "  ", Json.Where(field => !NotShown.Contains(field.Key)).Select(field => $"{field.Key}={Show(field.Value)}"));

    private static string Show(JsonNode? value) => value switch
    {
        null => "null",
        JsonArray many => string.Join('+', many),
        JsonObject named => named.ToJsonString(),
        _ when value.ToString() is { Length: 0 } => "''",
        _ => value.ToString(),
    };
}
