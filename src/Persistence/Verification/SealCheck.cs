using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Persistence.Verification;

/// <summary>
/// Computes the root of every seal again, and compares with those that somebody has kept. In memory are the streams
/// between two seals, and the seals when some were kept.
/// </summary>
/// <param name="horizon">What was removed, and what was lost.</param>
/// <param name="kept">From elsewhere.</param>
/// <param name="counts">Counts along.</param>
internal sealed class SealCheck(AuditHorizon horizon, IReadOnlyList<TrailSealed> kept, VerificationCounts counts)
{
    private const string Sql = $"""
        SELECT id, stream_id, version, headers ->> '{AuditHash.Header}',
               CASE WHEN stream_id = '{AuditEvent.SealStream}' THEN data::text END
        FROM voice_audit.mt_events
        WHERE stream_id NOT IN ('{EventStore.TombstoneStream}', '{AuditEvent.SealStream}')
           OR (stream_id = '{AuditEvent.SealStream}' AND type = '{SealWriter.SealType}')
        ORDER BY seq_id
        """;

    private const string RemovedSql = $"""
        SELECT version, seal_version, seal::text FROM voice.removed_head WHERE stream = '{AuditEvent.SealStream}'
        """;

    private readonly Dictionary<string, StreamHead> _heads = new(StringComparer.Ordinal);
    private readonly Dictionary<long, TrailSealed> _stored = [];
    private long _events;
    private TrailSealed? _last;
    private TrailSealed? _removed;
    private long _removedUpTo;
    private bool _isFirst = true;

    /// <summary>Every seal that differs, then every kept one that is missing or another.</summary>
    /// <param name="connection">With an open transaction.</param>
    public async IAsyncEnumerable<AuditDifference> FindAsync(
        NpgsqlConnection connection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ReadRemovedAsync(connection, cancellationToken);
        await foreach (var next in SnapshotCursor.ReadAsync(connection, "audit_seals", Sql, Read, cancellationToken))
        {
            if (next.SealBody is null)
                Add(next);
            else if (Judge(next) is { } difference)
                yield return difference;
        }

        foreach (var difference in kept.Select(Compare).OfType<AuditDifference>())
            yield return difference;
        if (kept.Count > 0 && counts.KeptCompared == 0)
            yield return NoneCompared(kept.MaxBy(one => one.Sequence)!);
    }

    private async Task ReadRemovedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(RemovedSql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return;
        _removedUpTo = reader.GetInt64(0);
        if (!reader.IsDBNull(1) && ReadSeal(Guid.Empty, reader.GetInt64(1), reader.GetString(2)) is { } last)
            _removed = last with { Sequence = reader.GetInt64(1) };
    }

    private void Add(SealedEvent next)
    {
        // Before the first seal lie also events of a version that knew no hashes, and what was theirs is not sealed.
        if (next.Hash is null && _last is null)
        {
            _heads.Clear();
            _events = 0;
            return;
        }

        _heads[next.Stream] = new(next.Sequence, next.Hash);
        _events++;
    }

    private AuditDifference? Judge(SealedEvent next)
    {
        counts.Seals++;
        if (ReadSeal(next.EventId, next.Sequence, next.SealBody!) is not { } read)
        {
            // The pairing of rows and events names it.
            Begin(null);
            return null;
        }

        var found = read with { Sequence = next.Sequence, Hash = next.Hash };
        var expected = Expect(found);
        if (kept.Count > 0)
            _stored[found.Sequence] = found;
        Begin(found);
        return expected == found || horizon.Lost.HasLostSealed(found.EventId) ? null : Differs(found);
    }

    private static TrailSealed? ReadSeal(Guid eventId, long sequence, string body) =>
        new AuditEntry(eventId, AuditEvent.SealStream, sequence, Position: null, SealWriter.SealType, body).Read()
            as TrailSealed;

    private TrailSealed Expect(TrailSealed found)
    {
        // Retention may have removed some of what the first one seals, but not the root that it goes on from.
        if (_last is null && (found.Sequence > 1 || horizon.Events > 0))
        {
            return _removed is null || !_isFirst ? found : found with
            {
                EventsInAll = _removed.EventsInAll + found.Events, PreviousRoot = _removed.Root,
            };
        }

        var previousRoot = _last?.Root ?? SealPoint.NoRoot;
        return found with
        {
            Events = _events, EventsInAll = (_last?.EventsInAll ?? 0) + _events, Streams = _heads.Count,
            PreviousRoot = previousRoot, Root = ComputeRoot(previousRoot),
        };
    }

    private string ComputeRoot(string previousRoot)
    {
        using var root = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        root.AppendData(AuditHash.BytesOf(previousRoot));
        var streams = _heads.Keys.Select(Encoding.UTF8.GetBytes).ToArray();
        Array.Sort(streams, static (one, other) => one.AsSpan().SequenceCompareTo(other));
        foreach (var stream in streams)
        {
            var (sequence, hash) = _heads[Encoding.UTF8.GetString(stream)];
            root.AppendData(stream);
            root.AppendData(Encoding.UTF8.GetBytes($"\n{sequence}\n{hash}\n"));
        }

        return Convert.ToHexStringLower(root.GetHashAndReset());
    }

    private void Begin(TrailSealed? last)
    {
        (_last, _isFirst) = (last, false);
        _heads.Clear();
        _events = 0;
    }

    private AuditDifference? Compare(TrailSealed one)
    {
        // Of the last one that was removed its body is left.
        var stored = _removed?.Sequence == one.Sequence
            ? _removed with { EventId = one.EventId, Hash = one.Hash } : _stored.GetValueOrDefault(one.Sequence);
        if (stored is null && one.Sequence <= _removedUpTo)
            return null;
        counts.KeptCompared++;
        if (stored is null)
        {
            return About(one, DifferenceKind.SealMissing,
                $"seal {one.Sequence} ({one.EventId}), which was kept, is not in the store: {one.EventsInAll} events "
                + "were sealed by it and those before");
        }

        return one == stored ? null : About(one, DifferenceKind.SealDiffers,
            $"seal {one.Sequence} ({one.EventId}), which was kept, is another one in the store ({stored.EventId}, root "
            + $"{stored.Root}): what lies before it was written anew");
    }

    // Nothing that this database says of itself excuses them all.
    private AuditDifference NoneCompared(TrailSealed latest) => About(latest, DifferenceKind.SealMissing,
        $"seal {latest.Sequence} ({latest.EventId}), the latest that was kept, cannot be compared: the database says "
        + $"that retention has removed all seals up to {_removedUpTo}");

    private static AuditDifference Differs(TrailSealed found) => About(found, DifferenceKind.SealDiffers,
        $"seal {found.Sequence} ({found.EventId}) of {found.Events} events of {found.Streams} streams does not seal "
        + "what lies between the seal before and itself");

    private static AuditDifference About(TrailSealed seal, DifferenceKind kind, string text) => new(kind, text)
    {
        EventId = seal.EventId, Stream = AuditEvent.SealStream, Sequence = seal.Sequence,
    };

    private static SealedEvent Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetString(1), reader.GetInt64(2), reader.TextAt(3), reader.TextAt(4));

    private sealed record SealedEvent(Guid EventId, string Stream, long Sequence, string? Hash, string? SealBody);

    private readonly record struct StreamHead(long Sequence, string? Hash);
}
