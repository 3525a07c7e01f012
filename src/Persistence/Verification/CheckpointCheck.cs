using Npgsql;

namespace VoiceWorker.Persistence.Verification;

/// <summary>Whether what the relay has noted as published can be.</summary>
internal static class CheckpointCheck
{
    private const string Sql =
        "SELECT (SELECT published_seq FROM voice.relay_checkpoint), (SELECT max(seq_id) FROM voice_audit.mt_events)";

    /// <summary>What is wrong; null when nothing is.</summary>
    /// <param name="connection">With the snapshot.</param>
    /// <param name="horizon">How far events are gone.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<AuditDifference?> FindAsync(
        NpgsqlConnection connection, AuditHorizon horizon, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        if (reader.IsDBNull(0))
        {
            return new(
                DifferenceKind.CheckpointImplausible,
                "voice.relay_checkpoint has no row: nothing is sequenced or published without it");
        }

        var (published, last) =
            (reader.GetInt64(0), Math.Max(reader.IsDBNull(1) ? 0 : reader.GetInt64(1), horizon.Events));
        return published <= last ? null : new(
            DifferenceKind.CheckpointImplausible,
            $"voice.relay_checkpoint is at {published}, beyond the last event of the store at {last}");
    }
}
