using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using Wolverine;
using Wolverine.RabbitMQ;
using Wolverine.RabbitMQ.Internal;
using Wolverine.Transports;

namespace VoiceWorker.Bench.Peers.Wolverine;

/// <summary>Wolverine as fast as its own options make it, with nothing of its promises given up: durable inbox and
/// outbox, publisher confirms.</summary>
internal static class Tuning
{
    private const int Batch = 500;
    private const int Lanes = 16;
    private const ushort Prefetch = 2_000;

    /// <summary>An endpoint sends one message at a time and awaits its confirm, hence many to the one exchange: it is a
    /// fanout and pays no regard to their routing keys.</summary>
    public static string LaneOf(int index) => $"audit-{index % Lanes}";

    public static void Tune(this WolverineOptions options, Uri broker, string queue, string auditQueue, string type)
    {
        options.TuneMessages();
        var queueType = Enum.Parse<QueueType>(type);
        options.UseRabbitMq(broker).AutoProvision().DisableDeadLetterQueueing()
            .DisableSystemRequestReplyQueueDeclaration()
            .ConfigureChannelCreation(channel =>
                channel.PublisherConfirmationsEnabled = channel.PublisherConfirmationTrackingEnabled = true)
            .DeclareQueue(auditQueue, declared => declared.QueueType = queueType)
            .DeclareExchange(Exchanges.CallVoiceResolved, exchange => exchange.BindQueue(auditQueue));
        // The mapper knows plain JSON; the limits leave room for a whole prefetch.
        options.ListenToRabbitQueue(queue, declared =>
            {
                declared.QueueType = queueType;
                declared.BindExchange(Exchanges.CallStarted);
            })
            .DefaultIncomingMessage<CallStarted>().PreFetchCount(Prefetch).MaximumMessagesToReceive(Batch)
            .UseDurableInbox(new BufferingLimits(10 * Prefetch, 5 * Prefetch)).TelemetryEnabled(false);
        for (var lane = 0; lane < Lanes; lane++)
            options.Publish().ToRabbitRoutingKey(Exchanges.CallVoiceResolved, LaneOf(lane))
                .Named(LaneOf(lane)).UseDurableOutbox().TelemetryEnabled(false);
    }

    // One process, no metrics of the tables, JSON without reflection, no line per message.
    private static void TuneMessages(this WolverineOptions options)
    {
        options.Durability.Mode = DurabilityMode.Solo;
        options.Durability.DurabilityMetricsEnabled = false;
        (options.Durability.MarkAsHandledBatchSize, options.Durability.StoreOutgoingBatchSize) = (Batch, Batch);
        options.EnableAutomaticFailureAcks = false;
        options.Policies.MessageExecutionLogLevel(LogLevel.None);
        options.Policies.MessageSuccessLogLevel(LogLevel.None);
        options.UseSystemTextJsonForSerialization(json => json.TypeInfoResolver =
            JsonTypeInfoResolver.Combine(ContractsJson.Default, new DefaultJsonTypeInfoResolver()));
        options.BatchMessagesOf<CallStarted>(batching =>
        {
            batching.BatchSize = Batch;
            batching.TriggerTime = TimeSpan.FromMilliseconds(5);
        }).UseDurableInbox().MaximumParallelMessages(4).TelemetryEnabled(false);
    }
}
