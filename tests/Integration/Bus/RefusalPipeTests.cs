using System.Text;
using MassTransit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using VoiceWorker.Bus;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Contracts.Validation;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Observability;
using VoiceWorker.Servers;
using Xunit;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>When a caller is told: not of what can pass, and once of what cannot be moved.</summary>
public sealed class RefusalPipeTests(TestServers servers)
{
    [Fact]
    public async Task A_failure_that_can_pass_is_not_told_and_the_refusal_after_it_is()
    {
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await using var endpoint = await Endpoint.StartAsync(servers, "refusal-after-failure", delivery =>
            throw (delivery == 1 ? new TimeoutException() : Broken()));

        var replies = await endpoint.SendAsync(broker);
        Assert.True(await Polling.UntilAsync(
            async token => await broker.AmqpChannel.MessageCountAsync(replies, token) > 0, Waits.Longest, Token));

        Assert.Equal(2, endpoint.Deliveries);
        Assert.Equal(1u, await endpoint.CountAsync(broker, replies));
    }

    [Fact]
    public async Task A_broken_message_that_cannot_be_moved_is_answered_once()
    {
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        // With other arguments than the worker declares.
        await broker.AmqpChannel.QueueDeclareAsync("refusal-unmoved_error", cancellationToken: Token);
        await using var endpoint = await Endpoint.StartAsync(servers, "refusal-unmoved", _ => throw Broken());

        var replies = await endpoint.SendAsync(broker);
        Assert.True(await Polling.UntilAsync(_ => Task.FromResult(endpoint.Deliveries >= 5), Waits.Longest, Token));

        Assert.Equal(1u, await endpoint.CountAsync(broker, replies));
    }

    private static InvalidMessageException Broken() => new([new BrokenRule("callId", "required")]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A consumer that fails as told, on an endpoint with the worker's own fault pipe.</summary>
    private sealed class Endpoint(IBusControl bus, string queue, ErrorQueues errors, ReplyPublisher publisher)
        : IAsyncDisposable
    {
        private int _deliveries;

        public int Deliveries => Volatile.Read(ref _deliveries);

        /// <param name="servers">Of this run.</param>
        /// <param name="queue">Of this test alone.</param>
        /// <param name="consume">Gets the number of the delivery.</param>
        public static async Task<Endpoint> StartAsync(TestServers servers, string queue, Action<int> consume)
        {
            var broker = Options.Create(new ConnectionOptions { RabbitMq = servers.AmqpUri.ToString() });
            var errors = new ErrorQueues(broker);
            var losses = new ReplyLosses(WorkerMetrics.Unheard, TimeProvider.System, NullLogger<ReplyLosses>.Instance);
            var publisher = new ReplyPublisher(broker, Options.Create(new BusOptions()), losses, TimeProvider.System);
            Endpoint? endpoint = null;
            var bus = MassTransit.Bus.Factory.CreateUsingRabbitMq(rabbit =>
            {
                rabbit.Host(servers.AmqpUri);
                rabbit.ReceiveEndpoint(queue, configured =>
                {
                    configured.SetQuorumQueue();
                    configured.ConfigureConsumeTopology = false;
                    configured.PublishFaults = false;
                    configured.UseErrorQueue(
                        $"{queue}_error", errors, new Replies(publisher, losses, TimeProvider.System),
                        new FaultLog(queue, $"{queue}_error", TimeProvider.System, NullLogger<FaultLog>.Instance));
                    configured.UseContract(ContractsJson.Default.CallStarted, EnvelopeJson.Default.EnvelopeCallStarted);
                    configured.Handler<CallStarted>(_ =>
                    {
                        consume(Interlocked.Increment(ref endpoint!._deliveries));
                        return Task.CompletedTask;
                    });
                });
            });
            endpoint = new Endpoint(bus, queue, errors, publisher);
            await bus.StartAsync(Token);
            return endpoint;
        }

        /// <summary>Sends it a call; returns the queue of the caller.</summary>
        public async Task<string> SendAsync(BrokerClient broker)
        {
            var replies = (await broker.AmqpChannel.QueueDeclareAsync(cancellationToken: Token)).QueueName;
            await broker.AmqpChannel.BasicPublishAsync(
                "", queue, mandatory: true, new BasicProperties { ReplyTo = replies },
                Encoding.UTF8.GetBytes(Wire.Call("CA-1", 1)), Token);
            return replies;
        }

        /// <summary>How many replies have been sent.</summary>
        public async Task<uint> CountAsync(BrokerClient broker, string replies)
        {
            Assert.True(await publisher.DrainAsync(Waits.Longest));
            return await broker.AmqpChannel.MessageCountAsync(replies, Token);
        }

        public async ValueTask DisposeAsync()
        {
            await bus.StopAsync();
            await errors.DisposeAsync();
            await publisher.DisposeAsync();
        }
    }
}
