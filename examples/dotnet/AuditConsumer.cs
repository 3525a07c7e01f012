using MassTransit;

namespace VoiceWorker.Example;

/// <summary>What every audit event has, also one of a type that this program does not know yet.</summary>
/// <param name="Stream">Such as business-42.</param>
/// <param name="Sequence">1, 2, 3 … in its stream.</param>
public sealed record AnyAuditEvent(string Stream, long Sequence);

/// <summary>Takes the audit events one by one, in their order. To read one as its record, ask for the header MT-MessageType
/// and deserialize the body with ContractsJson.</summary>
internal sealed class AuditConsumer(Ledger ledger) : IConsumer<AnyAuditEvent>
{
    private int _added, _dropped, _replayed;

    public string Counts => $"new {_added}, dropped {_dropped}, replayed {_replayed}";

    // First durable, then acknowledged: a crash in between brings it again, and it is dropped.
    public Task Consume(ConsumeContext<AnyAuditEvent> context)
    {
        if (ledger.Add(context.ReceiveContext.Body.GetString(), TypeOf(context)))
            _added++;
        else
            _dropped++;
        if (context.ReceiveContext.TransportHeaders.TryGetHeader("x-replay", out var replay) && replay is true)
            _replayed++;
        return Task.CompletedTask;
    }

    private static string TypeOf(MessageContext context) =>
        context is ConsumeContext { ReceiveContext: { } received }
        && received.TryGetPayload(out RabbitMqBasicConsumeContext? delivery) ? delivery.Properties.Type ?? "" : "";
}
