using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Businesses;
using VoiceWorker.Persistence.Retention;

namespace VoiceWorker.Persistence.Verification;

/// <summary>
/// Derives the audit trail again and compares it with what was recorded. All of it in one snapshot: what is recorded or
/// sequenced meanwhile is seen by neither side, and what waits in the outbox is no difference.
/// </summary>
/// <param name="connections">The database.</param>
/// <param name="keptSeals">Seals that were kept elsewhere, to be compared with the store.</param>
public sealed class AuditVerification(PostgresConnections connections, IReadOnlyList<TrailSealed>? keptSeals = null)
{
    // Other than for the worker's statements, everything is read here, and sorted on disk where it does not fit. A
    // reader of the differences may be slow.
    private const string SettingsSql = """
        SET TRANSACTION READ ONLY;
        SET LOCAL enable_seqscan = on;
        SET LOCAL cursor_tuple_fraction = 1;
        SET LOCAL work_mem = '64MB';
        SET LOCAL idle_in_transaction_session_timeout = '10min'
        """;

    /// <summary>What has been looked at so far.</summary>
    public VerificationCounts Counts { get; } = new();

    /// <summary>Every difference, as it is found.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<AuditDifference> FindAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        await using var snapshot = await connection.BeginTransactionAsync(
            IsolationLevel.RepeatableRead, cancellationToken);
        await connection.ExecuteAsync(SettingsSql, cancellationToken);
        var horizon = await AuditHorizon.ReadAsync(connection, cancellationToken);
        await foreach (var broken in StreamCheck.FindBrokenAsync(connection, horizon, cancellationToken))
            yield return broken;
        await foreach (var end in StreamCheck.FindEndsAsync(connection, horizon, cancellationToken))
            yield return end;
        if (await RemovalCheck.FindAsync(connection, horizon, cancellationToken) is { } unaccounted)
            yield return unaccounted;
        if (await CheckpointCheck.FindAsync(connection, horizon, cancellationToken) is { } implausible)
            yield return implausible;
        await foreach (var broken in ChainCheck.FindAsync(connection, horizon, Counts, cancellationToken))
            yield return broken;
        var seals = new SealCheck(horizon, keptSeals ?? [], Counts);
        await foreach (var differing in seals.FindAsync(connection, cancellationToken))
            yield return differing;
        await foreach (var outside in OutsideVoices.ReadAsync(connection, cancellationToken))
            yield return VoiceOf(outside);
        var pairing = new Pairing(
            horizon, told => DecisionRows.FindEventIdAsync(connection, told, cancellationToken), Counts);
        var rows = DecisionRows.ReadAsync(connection, cancellationToken);
        var entries = AuditEntries.ReadAsync(connection, cancellationToken);
        await foreach (var difference in pairing.CompareAsync(rows, entries, cancellationToken))
            yield return difference;
    }

    private static AuditDifference VoiceOf(OutsideVoice outside)
    {
        var change = RecordedDecision.NameOf(outside.BusinessId, outside.RecordedVoiceId, outside.ChangedAt);
        return new(
            DifferenceKind.VoiceDiffers,
            $"business {outside.BusinessId} has the voice {outside.StoredVoiceId ?? "none"}, and the {change} is the "
                + "last that is recorded: somebody has changed it since")
        {
            Decision = change, EventId = outside.EventId, Stream = AuditEvent.BusinessStream(outside.BusinessId),
        };
    }
}

/// <summary>What has been looked at.</summary>
public sealed class VerificationCounts
{
    /// <summary>Calls, changes, migrations and acts of operators.</summary>
    public long Rows { get; set; }

    /// <summary>Events in the store.</summary>
    public long Events { get; set; }

    /// <summary>Events in the outbox, which have no sequence yet.</summary>
    public long Waiting { get; set; }

    /// <summary>Events in the store that have a hash.</summary>
    public long Hashed { get; set; }

    /// <summary>Those that have none: of a version that knew no hashes.</summary>
    public long Unhashed { get; set; }

    /// <summary>Seals in the store.</summary>
    public long Seals { get; set; }

    /// <summary>Seals that were kept elsewhere and could be compared.</summary>
    public long KeptCompared { get; set; }
}

/// <summary>
/// How far rows and events have been removed on purpose: what lies before is not missed. The only place where the
/// verification learns of it; decisions are removed before their events.
/// </summary>
/// <param name="Decisions">mt_events.seq_id: rows whose events are not beyond it may be gone.</param>
/// <param name="Events">mt_events.seq_id: events not beyond it are gone.</param>
/// <param name="EventsUntil">When the last of those events was recorded; null when none was removed.</param>
/// <param name="EventsRemoved">How many of them there were.</param>
internal sealed record AuditHorizon(long Decisions, long Events, DateTimeOffset? EventsUntil, long EventsRemoved)
{
    /// <summary>What a promoted database did not have.</summary>
    public LostEvents Lost { get; init; } = new();

    /// <summary>As the retention has noted it.</summary>
    internal static async Task<AuditHorizon> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var decisions = await RetentionTable.ReadAsync(connection, RetentionStore.Decisions, cancellationToken);
        var events = await RetentionTable.ReadAsync(connection, RetentionStore.Audit, cancellationToken);
        return new(decisions.RemovedSeq, events.RemovedSeq, events.RemovedUntil, events.RemovedRows)
        {
            Lost = await LostEvents.ReadAsync(connection, cancellationToken),
        };
    }
}

/// <summary>Whether what the relay has noted as published can be.</summary>
internal static class CheckpointCheck
{
    private const string Sql =
        "SELECT (SELECT published_seq FROM voice.relay_checkpoint), (SELECT max(seq_id) FROM voice_audit.mt_events)";

    /// <summary>What is wrong; null when nothing is.</summary>
    /// <param name="horizon">How far events are gone.</param>
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
