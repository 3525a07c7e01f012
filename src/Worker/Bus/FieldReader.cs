using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.Bus;

/// <summary>Reads a message field by field, without those that are not of their type.</summary>
internal static class FieldReader
{
    /// <param name="json">An object.</param>
    /// <param name="broken">Every rule that it breaks, in the order of the fields.</param>
    public static T? Read<T>(JsonElement json, JsonTypeInfo<T> type, out IReadOnlyList<BrokenRule> broken)
        where T : class
    {
        var (readable, unreadable) = (new List<string>(), new HashSet<string>());
        foreach (var field in type.Properties)
        {
            if (TryRead(json, field.Name, type) is not { } read)
                continue;
            if (read.IsReadable)
                readable.Add(read.Text);
            else
                unreadable.Add(field.Name);
        }

        var message = JsonSerializer.Deserialize($"{{{string.Join(',', readable)}}}", type);
        broken = [.. Merge(type, Check(message), unreadable)];
        return message;
    }

    // As a message with this field alone; null when it is missing.
    private static (bool IsReadable, string Text)? TryRead<T>(JsonElement json, string field, JsonTypeInfo<T> type)
    {
        try
        {
            if (!json.TryGetProperty(field, out var value))
                return null;
            var text = $"\"{field}\":{value.GetRawText()}";
            JsonSerializer.Deserialize($"{{{text}}}", type);
            return (true, text);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return (false, "");
        }
    }

    // A field that could not be read has its default value, which breaks its rule too, unless it is optional.
    private static IEnumerable<BrokenRule> Merge(
        JsonTypeInfo type, IReadOnlyList<BrokenRule> broken, HashSet<string> unreadable)
    {
        foreach (var field in type.Properties)
        {
            if (broken.FirstOrDefault(rule => rule.Field == field.Name) is { } rule)
                yield return rule;
            else if (unreadable.Contains(field.Name) && ContractRules.RuleOf(field.Name) is { } words)
                yield return new BrokenRule(field.Name, words);
        }
    }

    private static IReadOnlyList<BrokenRule> Check(object? message) => message switch
    {
        CallStarted call => ContractRules.Check(call),
        BusinessVoiceChanged change => ContractRules.Check(change),
        _ => [],
    };
}
