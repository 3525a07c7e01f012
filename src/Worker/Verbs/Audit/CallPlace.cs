using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Calls;

namespace VoiceWorker.Verbs.Audit;

/// <summary>Where the events of a call lie: in the stream of the business that it is recorded for. Without its row the
/// whole store has to be searched.</summary>
/// <param name="Query">With that stream.</param>
/// <param name="RecordedFor">The business; null when no call is asked for, none is recorded, or a stream is
/// given.</param>
internal sealed record CallPlace(AuditQuery Query, int? RecordedFor)
{
    public static async Task<CallPlace> FindAsync(
        NpgsqlConnection connection, AuditQuery query, CancellationToken cancellationToken) =>
        query is { CallId: { } callId, Stream: null }
            && await CallVoiceTable.FindBusinessAsync(connection, callId, cancellationToken) is { } business
            ? new(query with { Stream = AuditEvent.BusinessStream(business) }, business)
            : new(query, null);
}
