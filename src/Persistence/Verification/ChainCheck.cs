using System.Runtime.CompilerServices;
using Npgsql;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Persistence.Verification;

/// <summary>
/// Computes the hash of every event again, from the event and the stored hash of the one before: each difference is a
/// place where something was altered, however long the stream goes on behind it. Here and not in the database, whose
/// functions its owner can replace. One event of one stream in memory.
/// </summary>
internal sealed class ChainCheck
{
    private const string Sql = $"""
        SELECT event.id, event.stream_id, event.version, event.type, event.data ->> 'occurredAt', event.data::text,
               event.headers ->> '{AuditHash.Header}', head.hash
        FROM voice_audit.mt_events AS event LEFT JOIN voice.removed_head AS head
            ON head.stream = event.stream_id AND head.version = event.version - 1
        WHERE event.stream_id <> '{EventStore.TombstoneStream}' ORDER BY event.stream_id, event.version
        """;

    private readonly AuditHorizon _horizon;
    private readonly VerificationCounts _counts;
    private ChainedEvent? _previous;
    private bool _isTold;

    private ChainCheck(AuditHorizon horizon, VerificationCounts counts) => (_horizon, _counts) = (horizon, counts);

    /// <summary>Every event whose hash is not what it must be.</summary>
    /// <param name="connection">With an open transaction.</param>
    /// <param name="horizon">What was removed, and what was lost.</param>
    /// <param name="counts">Counts along.</param>
    public static async IAsyncEnumerable<AuditDifference> FindAsync(
        NpgsqlConnection connection, AuditHorizon horizon, VerificationCounts counts,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var check = new ChainCheck(horizon, counts);
        await foreach (var next in SnapshotCursor.ReadAsync(connection, "audit_chain", Sql, Read, cancellationToken))
        {
            if (check.Judge(next) is { } difference)
                yield return difference;
        }
    }

    private AuditDifference? Judge(ChainedEvent next)
    {
        var previous = _previous is { } last && last.Link.Stream == next.Link.Stream ? last : null;
        _previous = next;
        _counts.Hashed += next.Hash is null ? 0 : 1;
        _counts.Unhashed += next.Hash is null ? 1 : 0;
        if (previous is null)
            _isTold = false;
        var before = previous is null ? next.RemovedHash : previous.Hash;
        if (next.Hash is null)
            return before is null || _isTold ? null : Missing(next.Link);
        var wasTold = _isTold;
        _isTold = false;
        // What is missing before it has a difference of its own, and leaves nothing to compare with.
        if (wasTold || (previous is null ? HasGap(next) : next.Link.Sequence != previous.Link.Sequence + 1))
            return null;
        return next.Hash == AuditHash.Next(before, next.Link) || _horizon.Lost.HasLostPrevious(next.Link)
            ? null : Differs(next.Link);
    }

    // Where events were removed on purpose, what was removed of a stream by an earlier version had no hashes.
    private bool HasGap(ChainedEvent first) => first.Link.Sequence > 1 && _horizon.Events == 0;

    private AuditDifference Missing(ChainLink link)
    {
        _isTold = true;
        return new(DifferenceKind.HashMissing,
            $"stream {link.Stream}: event {link.EventId} with sequence {link.Sequence} has no hash, and the one before "
            + "has: an earlier version has recorded it, or somebody has taken it away")
        {
            EventId = link.EventId, Stream = link.Stream, Sequence = link.Sequence,
        };
    }

    private static AuditDifference Differs(ChainLink link) => new(DifferenceKind.HashDiffers,
        $"stream {link.Stream}: the hash of event {link.EventId} with sequence {link.Sequence} does not follow from it "
        + "and the hash before: one of them was altered")
    {
        EventId = link.EventId, Stream = link.Stream, Sequence = link.Sequence,
    };

    private static ChainedEvent Read(NpgsqlDataReader reader)
    {
        var type = reader.GetString(3);
        return new(
            new ChainLink(
                reader.GetGuid(0), reader.GetString(1), reader.GetInt64(2),
                StoredTypes.ContractNameOf(type), reader.TextAt(4), reader.GetString(5)),
            reader.TextAt(6), reader.TextAt(7));
    }

    /// <param name="Link">What is hashed of it.</param>
    /// <param name="Hash">As stored.</param>
    /// <param name="RemovedHash">Of the event before, where retention has removed that one.</param>
    private sealed record ChainedEvent(ChainLink Link, string? Hash, string? RemovedHash);
}
