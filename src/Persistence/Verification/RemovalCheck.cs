using Npgsql;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Persistence.Verification;

/// <summary>
/// Whether as many events are gone from the beginnings of streams as were removed on purpose: where some were, the
/// first that is left may have any sequence, and no gap shows a further loss.
/// </summary>
internal static class RemovalCheck
{
    private const string Sql = $"""
        SELECT COALESCE(sum(COALESCE(event.first - 1, stream.version)), 0)::bigint
        FROM voice_audit.mt_streams AS stream LEFT JOIN (
            SELECT stream_id, min(version) AS first FROM voice_audit.mt_events GROUP BY stream_id) AS event
        ON event.stream_id = stream.id
        WHERE stream.id <> '{EventStore.TombstoneStream}'
        """;

    /// <summary>What is wrong; null when nothing is.</summary>
    /// <param name="connection">With the snapshot.</param>
    /// <param name="horizon">How far events are removed; while none are, a gap shows a loss.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<AuditDifference?> FindAsync(
        NpgsqlConnection connection, AuditHorizon horizon, CancellationToken cancellationToken)
    {
        if (horizon.Events == 0)
            return null;
        await using var command = new NpgsqlCommand(Sql, connection) { CommandTimeout = 0 };
        var gone = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        return gone == horizon.EventsRemoved ? null : new(
            DifferenceKind.RemovalImplausible,
            $"{gone} events are gone from the beginnings of streams, and voice.retention has removed {horizon.EventsRemoved}");
    }
}
