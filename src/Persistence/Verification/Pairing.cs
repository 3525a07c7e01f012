using System.Runtime.CompilerServices;
using VoiceWorker.Contracts;

namespace VoiceWorker.Persistence.Verification;

/// <summary>
/// Rows and events side by side, both in the order of event ids: one walk, one of each in memory, whatever their
/// number.
/// </summary>
/// <param name="horizon">How far rows and events may be gone.</param>
/// <param name="findOther">The event id that is recorded for the decision of an event without a row of its own; null
/// when the decision is not recorded.</param>
/// <param name="counts">Counts along.</param>
internal sealed class Pairing(AuditHorizon horizon, Func<AuditEvent, Task<Guid?>> findOther, VerificationCounts counts)
{
    /// <summary>Every difference, as it is met.</summary>
    /// <param name="rows">In order of their event ids.</param>
    /// <param name="entries">In order of their ids.</param>
    public async IAsyncEnumerable<AuditDifference> CompareAsync(
        IAsyncEnumerable<RecordedDecision> rows, IAsyncEnumerable<AuditEntry> entries,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var row = rows.GetAsyncEnumerator(cancellationToken);
        await using var entry = entries.GetAsyncEnumerator(cancellationToken);
        var (hasRow, hasEntry) = (await NextAsync(row), await NextAsync(entry));
        while (hasRow || hasEntry)
        {
            var order = !hasRow ? 1 : !hasEntry ? -1 : row.Current.EventId.CompareTo(entry.Current.EventId);
            if (await JudgeAsync(order <= 0 ? row.Current : null, order >= 0 ? entry.Current : null) is { } difference)
                yield return difference;
            var (pastRow, pastEntry) = (order <= 0 ? row.Current : null, order >= 0 ? entry.Current : null);
            if (pastRow is not null)
            {
                while ((hasRow = await NextAsync(row)) && row.Current.EventId == pastRow.EventId)
                    yield return Doubled(row.Current, pastRow);
            }

            if (pastEntry is not null)
            {
                while ((hasEntry = await NextAsync(entry)) && entry.Current.EventId == pastEntry.EventId)
                    yield return Doubled(entry.Current, pastEntry);
            }
        }
    }

    private async ValueTask<bool> NextAsync(IAsyncEnumerator<RecordedDecision> rows)
    {
        var isThere = await rows.MoveNextAsync();
        counts.Rows += isThere ? 1 : 0;
        return isThere;
    }

    private async ValueTask<bool> NextAsync(IAsyncEnumerator<AuditEntry> entries)
    {
        var isThere = await entries.MoveNextAsync();
        counts.Events += isThere && entries.Current.Sequence is not null ? 1 : 0;
        counts.Waiting += isThere && entries.Current.Sequence is null ? 1 : 0;
        return isThere;
    }

    private async Task<AuditDifference?> JudgeAsync(RecordedDecision? row, AuditEntry? entry)
    {
        if (row is { Event: null })
            return Unreadable(row, entry);
        if (entry is null)
            return IsBeforeHorizon(row!.Event!) ? null : Lonely(row);
        if (entry.Read() is not { } told)
            return About(entry, new(DifferenceKind.EventUnreadable, entry.Flaw));
        if (row is null)
            return await JudgeWithoutRowAsync(entry, told);
        var fields = FieldComparison.Compare(row.Event!, told);
        return fields.Count == 0 ? null : About(
            entry, new(DifferenceKind.ValueDiffers, $"{row.Name}: {Describe(fields, row.Table, entry)}")
        {
            Decision = row.Name, Fields = fields,
        });
    }

    private async Task<AuditDifference?> JudgeWithoutRowAsync(AuditEntry entry, AuditEvent told)
    {
        if (told is HistoryLost or TrailSealed || horizon.Lost.Contains(entry.EventId))
            return null;
        // Decided anew after its row was removed, it has a row with another event. Migrations and acts keep
        // theirs.
        if (told is not (SchemaMigrated or OperatorActed) && entry.Position <= horizon.Decisions)
            return null;
        var name = RecordedDecision.NameOf(told);
        if (await findOther(told) is { } other)
        {
            return About(entry, new(
                DifferenceKind.EventDoubled,
                $"{name}: {entry.Place} is one too many, or its row was altered; the row has event {other}")
            {
                Decision = name,
            });
        }

        return About(entry, new(DifferenceKind.RowMissing,
            $"{name}: the row of {entry.Place} is missing in {TableOf(told)}") { Decision = name });
    }

    // A change that was made is kept until a later one has taken its place, and a migration or an act without limit,
    // also when their events are gone.
    private bool IsBeforeHorizon(AuditEvent recorded) =>
        recorded is BusinessVoiceUpdated or SchemaMigrated or OperatorActed
        && recorded.OccurredAt <= horizon.EventsUntil;

    private static AuditDifference Unreadable(RecordedDecision row, AuditEntry? entry)
    {
        var name = entry?.Read() is { } told ? RecordedDecision.NameOf(told) : row.Name;
        return new(
            DifferenceKind.RowUnreadable,
            $"{name}: the row of event {row.EventId} in {row.Table} is not what a row has to be: {row.Flaw}")
        {
            Decision = name, EventId = row.EventId, Stream = entry?.Stream, Sequence = entry?.Sequence,
        };
    }

    private static AuditDifference Lonely(RecordedDecision row) => new(
        DifferenceKind.EventMissing, $"{row.Name}: event {row.EventId} of the row in {row.Table} is missing")
    {
        Decision = row.Name, EventId = row.EventId, Stream = row.Event?.Stream,
    };

    private static AuditDifference Doubled(RecordedDecision row, RecordedDecision first) => new(
        DifferenceKind.RowDoubled,
        $"{row.Name}: the row in {row.Table} has the same event {row.EventId} as {first.Name}")
    {
        Decision = row.Name, EventId = row.EventId, Stream = row.Event?.Stream,
    };

    private static AuditDifference Doubled(AuditEntry entry, AuditEntry first) =>
        About(entry, new(DifferenceKind.EventDoubled, $"{entry.Place} is there twice; it is also {first.Place}"));

    private static AuditDifference About(AuditEntry entry, AuditDifference difference) =>
        difference with { EventId = entry.EventId, Stream = entry.Stream, Sequence = entry.Sequence };

    private static string Describe(IReadOnlyList<FieldDifference> fields, string table, AuditEntry entry) =>
        string.Join("; ", fields.Select(field => $"{field.Name} is {field.Recorded ?? "null"} in {table} "
            + $"and {field.Told ?? "null"} in {entry.Place}"));

    private static string TableOf(AuditEvent told) => told switch
    {
        CallVoiceResolved => DecisionRows.CallTable,
        SchemaMigrated => DecisionRows.MigrationTable,
        OperatorActed => DecisionRows.ActTable,
        _ => DecisionRows.ChangeTable,
    };
}
