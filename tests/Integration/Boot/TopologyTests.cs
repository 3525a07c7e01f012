using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Integration.Boot;

/// <summary>What somebody removes in RabbitMQ while the worker runs comes back.</summary>
public sealed class TopologyTests(TestServers servers)
{
    private const string Calls = "voice-worker.call-started";
    private static readonly CreateChannelOptions WithConfirms = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Exchanges_that_were_deleted_are_declared_and_bound_again()
    {
        await using var worker = await StartAsync();
        string[] exchanges = [Exchanges.CallStarted, Calls, Exchanges.CallVoiceResolved, Calls + "_dead"];
        await WritesOfAsync(worker, async () =>
        {
            foreach (var exchange in exchanges)
                await worker.Broker.AmqpChannel.ExchangeDeleteAsync(exchange, cancellationToken: Token);
        });
        foreach (var exchange in exchanges)
            await IsThereAsync(channel => channel.ExchangeDeclarePassiveAsync(exchange, Token));
        await AnswersAsync(worker, "CA-1");
        Assert.Equal("CA-1", (await worker.Audit.OfBusinessAsync(1, 1))[0].Field("callId"));
        await worker.Process.SaysAsync("as declared");
    }

    [Fact]
    public async Task Bindings_that_were_removed_are_back_for_calls_and_for_audit_events()
    {
        await using var worker = await StartAsync();
        var channel = worker.Broker.AmqpChannel;
        await channel.ExchangeUnbindAsync(Calls, Exchanges.CallStarted, "", cancellationToken: Token);
        await channel.QueueUnbindAsync(Calls, Calls, "", cancellationToken: Token);
        await channel.ExchangeUnbindAsync(Exchanges.VoiceAudit, Exchanges.CallVoiceResolved, "", cancellationToken: Token);

        await AnswersAsync(worker, "CA-1");
        Assert.Equal("CA-1", (await worker.Audit.OfBusinessAsync(1, 1))[0].Field("callId"));
    }

    [Fact]
    public async Task Queues_that_were_deleted_are_declared_and_bound_again()
    {
        var audit = $"audit-{Guid.NewGuid():N}";
        await using var worker = await StartAsync($"--Audit:DeclareQueue={audit}");
        string[] queues = [Calls, Calls + "_error", Calls + "_dead", audit];
        await WritesOfAsync(worker, async () =>
        {
            foreach (var queue in queues)
                await worker.Broker.AmqpChannel.QueueDeleteAsync(queue, cancellationToken: Token);
        });
        foreach (var queue in queues)
            await IsThereAsync(channel => channel.QueueDeclarePassiveAsync(queue, Token));
        await AnswersAsync(worker, "CA-1");
        Assert.Equal("CA-1", (await worker.Broker.NextOfAsync(audit)).Field("callId"));
        await worker.Broker.AmqpChannel.QueueDeleteAsync(audit, cancellationToken: Token);
    }

    [Fact]
    public async Task A_queue_with_other_arguments_makes_it_degraded_with_the_reason()
    {
        await using var worker = await StartAsync();
        await IsThereAsync(channel => DeclareClassicAsync(channel, Calls + "_error"));

        await worker.Process.SaysAsync($"refuses the queue {Calls}_error");
        await worker.Process.SaysAsync("x-queue-type");
        await worker.Broker.AmqpChannel.QueueDeleteAsync(Calls + "_error", cancellationToken: Token);
        await worker.Process.SaysAsync("as declared");
    }

    private Task<RunningWorker> StartAsync(params string[] settings) =>
        RunningWorker.StartAsync(servers, ["--Observability:Interval=00:00:00.500", .. settings]);

    // The worker may be first: it declares twice a second.
    private static async Task DeclareClassicAsync(IChannel channel, string queue)
    {
        await channel.QueueDeleteAsync(queue, cancellationToken: Token);
        await channel.QueueDeclareAsync(
            queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: Token);
    }

    // Until then the broker returns the call, or there is no exchange for it.
    private async Task AnswersAsync(RunningWorker worker, string call)
    {
        var message = Encoding.UTF8.GetBytes(Wire.Call(call, 1));
        await IsThereAsync(async channel => await channel.BasicPublishAsync(
            Exchanges.CallStarted, "", mandatory: true, message, Token));
        await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call(call, 1));
    }

    // What the broker refuses costs the channel.
    private async Task IsThereAsync(Func<IChannel, Task> use)
    {
        await using var connection = await new ConnectionFactory { Uri = servers.AmqpUri }.CreateConnectionAsync(Token);
        var isThere = await Polling.UntilAsync(async token =>
        {
            await using var channel = await connection.CreateChannelAsync(WithConfirms, token);
            try
            {
                await use(channel);
                return true;
            }
            catch (Exception refused) when (refused is PublishException or OperationInterruptedException)
            {
                return false;
            }
        }, Patience, Token);
        Assert.True(isThere, "the broker goes on refusing");
    }

    // What goes between the worker's look and its declaration is back in silence: it goes again.
    private static async Task WritesOfAsync(RunningWorker worker, Func<Task> deleteAsync)
    {
        const string text = "Was missing in RabbitMQ and is declared again";
        var isWritten = await Polling.UntilAsync(
            async token =>
            {
                await deleteAsync();
                return await Polling.UntilAsync(
                    _ => Task.FromResult(worker.Process.Output.Any(
                        line => line.Contains(text, StringComparison.Ordinal))), Waits.Prompt, token);
            }, Patience, Token);
        Assert.True(isWritten, $"it does not write {text}");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
