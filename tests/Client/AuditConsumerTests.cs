using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using VoiceWorker.Client;
using VoiceWorker.Client.Audit;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Client.World;
using Xunit;

namespace VoiceWorker.Tests.Client;

/// <summary>Each event has its effect once, through failures, repeats and lost connections.</summary>
public sealed class AuditConsumerTests(Broker broker) : IDisposable
{
    private const string Queue = "audit-test";
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"voice-ledger-{Guid.NewGuid():N}");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Each_event_is_committed_once_through_failures_repeats_and_a_lost_connection()
    {
        var (proxy, way) = broker.Detour();
        await using var _ = proxy;
        using var ledger = new FileLedger(_file);
        var effects = new ConcurrentQueue<long>();
        var failing = new Queue<long>([7, 30]);
        var consumer = new AuditConsumer<FileTransaction>(Options(way), ledger, Handle);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = consumer.RunAsync(stop.Token);
        await using var connection = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync(Token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Token);
        await IsConsumedAsync(connection);

        var events = AuditEvents.Chain(50);
        await PublishAsync(channel, [.. events, .. events]);
        Assert.True(await Polling.UntilAsync(async token => await LastAsync(ledger, token) == 50, Waits.Longest, Token));
        proxy.Cut();
        var more = AuditEvents.Chain(60);
        await PublishAsync(channel, more[50..]);
        Assert.True(await Polling.UntilAsync(async token => await LastAsync(ledger, token) == 60, Waits.Longest, Token));
        await stop.CancelAsync();
        await running;

        Assert.Empty(await ledger.GapsAsync(Token));
        Assert.Equal(Enumerable.Range(1, 60).Select(n => (long)n), effects.Distinct());
        // What came before a failure in its batch came again with it, and nothing else.
        Assert.InRange(effects.Count, 60, 60 + (2 * 10));

        Task Handle(ReceivedEvent received, FileTransaction transaction, CancellationToken cancellationToken)
        {
            if (failing.TryPeek(out var next) && received.Sequence == next)
            {
                failing.Dequeue();
                throw new InvalidOperationException("not this time");
            }

            effects.Enqueue(received.Sequence);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_consumer_runs_while_its_host_does()
    {
        using var ledger = new FileLedger(_file);
        var got = new TaskCompletionSource<ReceivedEvent>();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddVoiceWorkerAuditConsumer(Options(broker.Uri), _ => ledger, _ => Handle);
        using var host = builder.Build();
        await host.StartAsync(Token);
        await using var connection = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync(Token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Token);
        await IsConsumedAsync(connection);

        var published = AuditEvents.Chain(1);
        var headers = new Dictionary<string, object?> { ["x-replay"] = true };
        await PublishAsync(channel, published, headers);
        var received = await got.Task.WaitAsync(Waits.Longest, Token);
        await host.StopAsync(Token);

        Assert.Equal(("OperatorActed", true, false), (received.Type, received.IsReplay, received.IsAltered));

        Task Handle(ReceivedEvent received, FileTransaction transaction, CancellationToken cancellationToken)
        {
            got.SetResult(received);
            return Task.CompletedTask;
        }
    }

    private static AuditConsumerOptions Options(Uri way) => new()
    {
        Uris = [way.AbsoluteUri], Queue = Queue, Batch = 10, Pause = TimeSpan.FromMilliseconds(50),
    };

    private static async ValueTask<long> LastAsync(FileLedger ledger, CancellationToken cancellationToken)
    {
        await using var transaction = await ledger.BeginAsync(cancellationToken);
        return (await transaction.ProgressAsync("business-1", cancellationToken))?.Sequence ?? 0;
    }

    private static async Task PublishAsync(
        IChannel channel, IEnumerable<Published> events, IDictionary<string, object?>? headers = null)
    {
        foreach (var (type, body) in events)
        {
            var properties = new BasicProperties { Type = type, Headers = headers };
            await channel.BasicPublishAsync(
                Exchanges.VoiceAudit, "", mandatory: true, properties, Encoding.UTF8.GetBytes(body), Token);
        }
    }

    private static async Task IsConsumedAsync(IConnection connection) => Assert.True(await Polling.UntilAsync(
        async token =>
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: token);
            try
            {
                return (await channel.QueueDeclarePassiveAsync(Queue, token)).ConsumerCount == 1;
            }
            catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
            {
                return false;
            }
        },
        Waits.Longest, Token));

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
