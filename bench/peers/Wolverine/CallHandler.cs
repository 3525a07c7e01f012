using Marten;
using VoiceWorker.Contracts;
using Wolverine;
using Wolverine.Attributes;

namespace VoiceWorker.Bench.Peers.Wolverine;

/// <summary>What has arrived, in one transaction of Marten's: calls, outgoing events, and that their messages are
/// handled.</summary>
public static class CallHandler
{
    [Transactional]
    public static async Task HandleAsync(
        CallStarted[] calls, IDocumentSession session, IMessageContext context, CancellationToken cancellationToken)
    {
        await session.BeginTransactionAsync(cancellationToken);
        var events = await CallVoiceTable.InsertAsync(session.Connection, calls, cancellationToken);
        for (var i = 0; i < events.Count; i++)
            await context.EndpointFor(Tuning.LaneOf(i)).SendAsync(events[i]);
    }
}
