using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VoiceWorker.Client.Conformance;

/// <summary>The fields of a command. What a parameter of the client cannot hold, as its type has no such value, is the
/// value that breaks the same rule.</summary>
internal sealed class Fields(JsonObject command)
{
    public int Integer(string name) =>
        command[name] is JsonValue value && value.TryGetValue(out int number) ? number : 0;

    public string? Text(string name) =>
        command[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String
            ? value.GetValue<string>() : null;

    public TimeSpan? Seconds(string name) =>
        command[name] is JsonValue value ? TimeSpan.FromSeconds(value.GetValue<double>()) : null;

    // The earliest instant of all stands for none.
    public DateTimeOffset? Instant(string name)
    {
        if (command[name] is not JsonValue value)
            return null;
        DateTimeOffset.TryParse(value.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant);
        return instant;
    }
}
