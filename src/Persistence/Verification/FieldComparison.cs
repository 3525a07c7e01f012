using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Persistence.Verification;

/// <summary>The event that a row stands for, and the one that is there: field by field, as on the wire.</summary>
internal static class FieldComparison
{
    // People read it: a name with an apostrophe stays one.
    private static readonly JsonSerializerOptions Readable =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The fields in which they differ.</summary>
    /// <param name="recorded">From the row.</param>
    /// <param name="told">From the store.</param>
    public static IReadOnlyList<FieldDifference> Compare(AuditEvent recorded, AuditEvent told)
    {
        // By far the most are equal, and this way it costs next to nothing to see it.
        if (recorded.Equals(told))
            return [];
        var (row, stored) = (FieldsOf(recorded), FieldsOf(told));
        return row.Select(field => field.Key).Union(stored.Select(field => field.Key))
            .Where(name => !JsonNode.DeepEquals(row[name], stored[name]))
            .Select(name => new FieldDifference(
                name, row[name]?.ToJsonString(Readable), stored[name]?.ToJsonString(Readable)))
            .ToList();
    }

    // Two types have different fields; which types they are is one of the differences.
    private static JsonObject FieldsOf(AuditEvent auditEvent)
    {
        var fields = JsonSerializer.SerializeToNode(
            auditEvent, ContractsJson.Default.GetTypeInfo(auditEvent.GetType())!)!.AsObject();
        fields["type"] = auditEvent.GetType().Name;
        return fields;
    }
}

/// <summary>A field that differs.</summary>
/// <param name="Name">As on the wire.</param>
/// <param name="Recorded">What the row says, as JSON; null when it says nothing.</param>
/// <param name="Told">The event's value, as JSON; null when it has none.</param>
public sealed record FieldDifference(string Name, string? Recorded, string? Told);
