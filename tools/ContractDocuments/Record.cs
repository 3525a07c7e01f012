using System.Reflection;
using System.Text.Json.Serialization.Metadata;

namespace VoiceWorker.ContractDocuments;

/// <summary>The record behind a message's JSON.</summary>
internal static class Record
{
    /// <summary>The property that a field is written from.</summary>
    /// <param name="type">The record.</param>
    /// <param name="field">One of its fields.</param>
    public static PropertyInfo Property(Type type, JsonPropertyInfo field) =>
        type.GetProperties().Single(
            member => string.Equals(member.Name, field.Name, StringComparison.OrdinalIgnoreCase));
}
