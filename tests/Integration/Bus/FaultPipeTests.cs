using System.Text;
using MassTransit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Bus;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Observability;
using VoiceWorker.Servers;
using VoiceWorker.Tests.Integration.DeadLetters;
using Xunit;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>A consumer that fails as told, on an endpoint with the worker's own fault pipe.</summary>
public sealed class FaultPipeTests(TestServers servers)
{
    private const string Queue = "fault-pipe-test";
    private const string ErrorQueue = "fault-pipe-test_error";

    private readonly RecordingLogger<FaultLog> _log = new();

    public static TheoryData<string, Func<Exception>> Transient { get; } = new()
    {
        { "closed channel", () => new AlreadyClosedException(new ShutdownEventArgs(ShutdownInitiator.Peer, 320, "CONNECTION_FORCED")) },
        { "cancelled", () => new OperationCanceledException() },
        { "MassTransit connection", () => new ConnectionException("gone", new IOException("reset")) },
        { "timeout", () => new InvalidOperationException("wrapped", new TimeoutException()) },
    };

    [Theory]
    [MemberData(nameof(Transient))]
    public async Task A_transient_failure_is_delivered_again(string name, Func<Exception> failure)
    {
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        var deliveries = 0;
        var processed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bus = await StartAsync(_ =>
        {
            if (Interlocked.Increment(ref deliveries) == 1)
                throw failure();
            processed.TrySetResult();
        });

        await SendAsync(broker, Wire.Call(name, 1));
        await processed.Task.WaitAsync(Waits.Longest, Token);

        Assert.Equal(2, deliveries);
        Assert.Equal(0u, await broker.AmqpChannel.MessageCountAsync(ErrorQueue, Token));
        Assert.StartsWith($"Deliveries of {Queue} fail and are handed back: ", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_permanent_failure_is_moved_unchanged_with_small_headers_that_quote_nothing()
    {
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await using var bus = await StartAsync(call => throw new InvalidDataException("secret " + new string('x', 100_000)));
        var json = Wire.Call("CA-secret", 1);

        await SendAsync(broker, json);
        await DeadLetterVerbs.AssertCountAsync(broker, ErrorQueue, 1);
        var moved = await broker.AmqpChannel.BasicGetAsync(ErrorQueue, autoAck: true, Token);

        Assert.Equal(json, Encoding.UTF8.GetString(moved!.Body.Span));
        Assert.Equal("m-1", moved.BasicProperties.MessageId);
        var headers = moved.BasicProperties.Headers!.Where(header => header.Value is byte[])
            .ToDictionary(header => header.Key, header => Encoding.UTF8.GetString((byte[])header.Value!));
        Assert.Equal("System.IO.InvalidDataException", headers["MT-Fault-Message"]);
        Assert.All(headers.Values, value => Assert.DoesNotContain("secret", value, StringComparison.Ordinal));
        Assert.Equal($"Moved a message of {Queue} to {ErrorQueue}: System.IO.InvalidDataException; message id m-1", await _log.NextLineAsync());
        Assert.InRange(headers.Sum(header => header.Key.Length + header.Value.Length), 1, 8 * 1024);
    }

    private async Task<IAsyncDisposable> StartAsync(Action<CallStarted> consume)
    {
        var broker = Options.Create(new ConnectionOptions { RabbitMq = servers.AmqpUri.ToString() });
        var errors = new ErrorQueues(broker);
        var losses = new ReplyLosses(WorkerMetrics.Unheard, TimeProvider.System, NullLogger<ReplyLosses>.Instance);
        var publisher = new ReplyPublisher(broker, Options.Create(new BusOptions()), losses, TimeProvider.System);
        var bus = MassTransit.Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            rabbit.Host(servers.AmqpUri);
            rabbit.ReceiveEndpoint(Queue, endpoint =>
            {
                endpoint.SetQuorumQueue();
                endpoint.ConfigureConsumeTopology = false;
                endpoint.PublishFaults = false;
                endpoint.UseErrorQueue(
                    ErrorQueue, errors, new Replies(publisher, losses, TimeProvider.System), new FaultLog(Queue, ErrorQueue, TimeProvider.System, _log));
                endpoint.UseContract(ContractsJson.Default.CallStarted, EnvelopeJson.Default.EnvelopeCallStarted);
                endpoint.Handler<CallStarted>(context =>
                {
                    consume(context.Message);
                    return Task.CompletedTask;
                });
            });
        });
        await bus.StartAsync(Token);
        return new StopOnDispose(bus, errors, publisher);
    }

    private static async Task SendAsync(BrokerClient broker, string json)
    {
        await broker.AmqpChannel.QueueDeclareAsync(
            ErrorQueue, durable: true, exclusive: false, autoDelete: false, QueueArguments.OfDeadLetters(), cancellationToken: Token);
        await broker.AmqpChannel.QueuePurgeAsync(ErrorQueue, Token);
        await broker.AmqpChannel.BasicPublishAsync(
            "", Queue, mandatory: true, new BasicProperties { MessageId = "m-1" }, Encoding.UTF8.GetBytes(json), Token);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private sealed class StopOnDispose(IBusControl bus, ErrorQueues errors, ReplyPublisher replies) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await bus.StopAsync();
            await errors.DisposeAsync();
            await replies.DisposeAsync();
        }
    }
}
