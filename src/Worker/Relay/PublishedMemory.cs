using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Servers;

namespace VoiceWorker.Relay;

/// <summary>
/// What was published last, kept by the broker: a PostgreSQL that was behind when it was promoted knows nothing of what
/// its predecessor alone had. One message for each page, before the page's events and in the same wait for confirms, to
/// a stream: a log of limited size that reading leaves as it is.
/// </summary>
/// <remarks>Without it events are published all the same, and health says so.</remarks>
internal sealed class PublishedMemory(IOptions<ConnectionOptions> servers, RelayLease lease, TimeProvider time)
{
    public const string Queue = "voice-worker.published";

    // RabbitMQ 4 takes no message of more than 16 MiB unless it is told to, and closes the channel for one.
    private const int LargestPage = 8 * 1024 * 1024;

    // After the events are confirmed: a stream confirms sooner than a quorum queue, or something is wrong with it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    private readonly ArrayBufferWriter<byte> _body = new();
    private HistoryOrigin _origin = HistoryOrigin.Untold;
    private long _upTo;
    private long _restsSince;
    private volatile string? _obstacle;
    private bool _isDeclared;

    /// <summary>Why nothing is remembered; null while it is.</summary>
    public string? Obstacle => _obstacle;

    /// <summary>A leadership begins: positions are those of this history from now on.</summary>
    public void Begin(HistoryOrigin origin) => (_origin, _upTo) = (origin, 0);

    /// <summary>Declares the stream on a connection that is about to publish, unless that is done; after a failure not
    /// before a while.</summary>
    public async Task DeclareAsync(IConnection connection, bool isNew, CancellationToken cancellationToken)
    {
        if (!isNew && (_isDeclared || IsResting))
            return;
        try
        {
            await TryDeclareAsync(connection, cancellationToken);
        }
        catch (TimeoutException)
        {
            Miss($"{Queue} is not declared within {Patience.TotalSeconds} s");
        }
    }

    /// <summary>The message that goes before a page.</summary>
    /// <param name="page">In store order.</param>
    /// <param name="bodies">Of its events, as they are published.</param>
    /// <param name="published">Position up to which everything is published.</param>
    /// <returns>Null when there is nothing to remember that is not remembered already, or no memory.</returns>
    public RememberedPage? Compose(IReadOnlyList<StoredEvent> page, byte[][] bodies, long published)
    {
        if (!_isDeclared || page[^1].Position <= _upTo)
            return null;
        _body.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_body, new() { SkipValidation = true }))
            Write(json, page, bodies);
        if (_body.WrittenCount <= LargestPage)
            return new(_origin, Math.Max(published, _upTo), page[^1].Position, IsTakeover: false, _body.WrittenMemory);
        Miss("a page of events is too large");
        return null;
    }

    /// <summary>Waits for the answer to a message that was published with its page.</summary>
    /// <param name="page">What was sent.</param>
    /// <param name="confirm">Of this message alone; the events are confirmed by now.</param>
    public async Task SettleAsync(RememberedPage page, ConfirmWindow confirm, CancellationToken cancellationToken)
    {
        try
        {
            await confirm.Settled.WaitAsync(Patience, time, cancellationToken);
            if (confirm.IsRejected(0) || confirm.IsReturned(page.Id))
                Miss($"{Queue} does not take it");
            else
                (_upTo, _obstacle) = (page.Last, null);
        }
        catch (TimeoutException)
        {
            Miss($"{Queue} does not confirm it");
        }
    }

    /// <summary>What is remembered from an instant on, up to now. Announces this leader there first.</summary>
    /// <param name="since">By the broker's clock; null for all of it.</param>
    /// <param name="checkpoint">Where this leader begins.</param>
    /// <returns>Null when there is no memory.</returns>
    public async Task<IReadOnlyList<RememberedPage>?> ReadAsync(
        DateTimeOffset? since, long checkpoint, CancellationToken cancellationToken)
    {
        var connection = await RabbitConnection.OpenAsync(servers.Value, "voice-worker memory", cancellationToken);
        try
        {
            await TryDeclareAsync(connection, cancellationToken);
            if (!_isDeclared)
                return null;
            var marker = new RememberedPage(_origin, checkpoint, checkpoint, IsTakeover: true, "[]"u8.ToArray());
            return await MemoryReader.ReadAsync(connection, since, marker, cancellationToken)
                .WaitAsync(lease.ConfirmTimeout, time, cancellationToken);
        }
        finally
        {
            _isDeclared = false;
            await connection.LeaveAsync();
        }
    }

    private async Task TryDeclareAsync(IConnection connection, CancellationToken cancellationToken)
    {
        _isDeclared = false;
        // A refusal closes the channel.
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            await channel.QueueDeclareAsync(
                Queue, durable: true, exclusive: false, autoDelete: false, QueueArguments.OfMemory(),
                cancellationToken: cancellationToken).WaitAsync(Patience, time, cancellationToken);
            (_isDeclared, _obstacle, _restsSince) = (true, null, 0);
        }
        catch (OperationInterruptedException refusal) when (connection.IsOpen)
        {
            Miss($"{Queue} cannot be declared: {PeerText.Escape(refusal.ShutdownReason?.ReplyText ?? "")}");
        }
        finally
        {
            // A broker that does not answer does not answer this either.
            _ = channel.DisposeAsync().AsTask();
        }
    }

    private bool IsResting => _restsSince != 0 && time.GetElapsedTime(_restsSince) < Rest;

    // Declared again when it is tried next: somebody may have deleted it.
    private void Miss(string reason) => (_isDeclared, _obstacle, _restsSince) = (false, reason, time.GetTimestamp());

    private void Write(Utf8JsonWriter json, IReadOnlyList<StoredEvent> page, byte[][] bodies)
    {
        json.WriteStartArray();
        for (var i = 0; i < page.Count; i++)
        {
            if (page[i].Position <= _upTo)
                continue;
            json.WriteStartObject();
            json.WriteString("type", page[i].Event.GetType().Name);
            json.WriteString("traceParent", page[i].TraceParent);
            json.WritePropertyName("event");
            json.WriteRawValue(bodies[i], skipInputValidation: true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
