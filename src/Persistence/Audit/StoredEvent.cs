using Npgsql;
using VoiceWorker.Contracts;

namespace VoiceWorker.Persistence.Audit;

/// <summary>An event with its place in the store.</summary>
/// <param name="Position">mt_events.seq_id: the order of everything; gaps mean nothing.</param>
/// <param name="Event">Complete, with id, stream and sequence.</param>
/// <param name="TraceParent">W3C trace context of its cause, if any.</param>
public sealed record StoredEvent(long Position, AuditEvent Event, string? TraceParent)
{
    /// <summary>What <see cref="ReadAllAsync"/> expects of a row of <c>voice_audit.mt_events</c>.</summary>
    internal const string Columns =
        $"seq_id, id, stream_id, version, type, data::text, headers ->> '{Tracing.TraceParentHeader}', "
        + $"headers ->> '{AuditHash.Header}'";

    /// <summary>What writes a row, as Marten would; its SELECT gives the values.</summary>
    internal const string InsertSql = """
        INSERT INTO voice_audit.mt_events
            (seq_id, id, stream_id, version, data, type, mt_dotnet_type, headers, tenant_id, timestamp)
        """;

    /// <summary>Its headers, from columns <c>trace_parent</c> and <c>hash</c>.</summary>
    internal const string HeadersSql = $"""
        CASE WHEN trace_parent IS NULL THEN jsonb_build_object('{AuditHash.Header}', hash)
             ELSE jsonb_build_object('{AuditHash.Header}', hash, '{Tracing.TraceParentHeader}', trace_parent) END
        """;

    /// <summary>All rows of a statement, to its end: what fails there is not thrown when the reader is disposed
    /// of.</summary>
    internal static async Task<IReadOnlyList<StoredEvent>> ReadAllAsync(
        NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var page = new List<StoredEvent>();
        while (await rows.ReadAsync(cancellationToken))
            page.Add(Read(rows));
        await rows.NextResultAsync(cancellationToken);
        return page;
    }

    private static StoredEvent Read(NpgsqlDataReader row)
    {
        var name = row.GetString(4);
        var contract = StoredTypes.ContractOf(name) ?? throw new UnknownEventException(
            $"event {row.GetGuid(1)} ({row.GetString(2)}, {row.GetInt64(3)})", name);
        var auditEvent = AuditJson.Read(contract, row.GetFieldValue<byte[]>(5)) with
        {
            EventId = row.GetGuid(1), Stream = row.GetString(2), Sequence = row.GetInt64(3), Hash = row.TextAt(7),
        };
        return new StoredEvent(row.GetInt64(0), auditEvent, row.TextAt(6));
    }
}
