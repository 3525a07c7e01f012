using System.Text.Json;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using VoiceWorker.Bus;
using VoiceWorker.Calls;
using VoiceWorker.Commit;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Servers;
using VoiceWorker.Voices;

namespace VoiceWorker.Boot;

/// <summary>
/// Sends a few calls the whole way, from a queue of its own to the reply and without the commit, so that the first real
/// caller does not wait for code, models and plans to be built. Leaves nothing behind.
/// </summary>
internal sealed class Rehearsal(
    IOptions<ConnectionOptions> servers, CallTransaction transaction, VoiceCatalogue catalogue, Replies replies,
    Retry retry, TimeProvider time, ILogger<FaultLog> faults, ILogger<Rehearsal> logger)
{
    // Statements are prepared at their second use; code is compiled again when it has been used some dozen times.
    private const int Calls = 40;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Returns when it is done, or when it has taken too long: a failure costs only the first caller's
    /// time.</summary>
    public async Task RunAsync(IConnection broker, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        string? alarm = null;
        // From the first message on, which the broker still takes.
        broker.ConnectionBlockedAsync += (_, blocked) =>
        {
            alarm = $"RabbitMQ takes no messages, {blocked.Reason}";
            return patience.CancelAsync();
        };
        try
        {
            await RunOnBusAsync(broker, $"voice-worker.rehearsal-{Guid.NewGuid():N}", patience.Token);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            logger.RehearsalFailed(PeerText.Line(alarm
                ?? (patience.IsCancellationRequested
                    ? $"it was not done within {Patience.TotalSeconds} s" : DeliveryFailure.Of(failure).Words)));
        }
    }

    private async Task RunOnBusAsync(IConnection broker, string queue, CancellationToken cancellationToken)
    {
        await using var calls = new GroupCommit<PendingCall, CallVoice>(
            transaction.WithoutCommit(), new GroupCommitOptions(), retry);
        var consumer = new CallStartedConsumer(
            new PendingCalls(calls), catalogue, replies, Options.Create(new ReplyOptions { Deadline = Patience }), time,
            WorkerMetrics.Unheard);
        await using var bus = await RehearsalBus.StartAsync(
            servers.Value, queue, consumer, ContractsJson.Default.CallStarted, EnvelopeJson.Default.EnvelopeCallStarted,
            new FaultLog(queue, queue, time, faults), cancellationToken);
        await AskAsync(broker, queue, cancellationToken);
    }

    private async Task AskAsync(IConnection broker, string queue, CancellationToken cancellationToken)
    {
        // It goes with its connection: in an alarm the broker would not hear that it is closed.
        var channel = await broker.CreateChannelAsync(cancellationToken: cancellationToken);
        using var answered = new SemaphoreSlim(0);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, _) => Task.FromResult(answered.Release());
        await channel.BasicConsumeAsync(Asker.DirectReply, autoAck: true, consumer, cancellationToken);
        for (var n = 0; n < Calls; n++)
        {
            var call = new CallStarted($"rehearsal-{Guid.NewGuid():N}", 1, time.GetUtcNow());
            var body = JsonSerializer.SerializeToUtf8Bytes(call, ContractsJson.Default.CallStarted);
            await channel.BasicPublishAsync(
                "", queue, mandatory: false, PropertiesOf(n), body, cancellationToken);
            await answered.WaitAsync(cancellationToken);
        }
    }

    // Every fourth goes by MassTransit's pipe: one with an expiration does.
    private static BasicProperties PropertiesOf(int n) => new()
    {
        ReplyTo = Asker.DirectReply, Expiration = n % 4 == 3 ? $"{Patience.TotalMilliseconds}" : null,
    };
}
