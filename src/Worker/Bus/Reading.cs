using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MassTransit;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.Bus;

/// <summary>A message as an endpoint has read it, or what can be told of one that breaks its contract.</summary>
/// <typeparam name="T">The contract.</typeparam>
/// <param name="Context">What came with it.</param>
/// <param name="Message">As far as it could be read.</param>
/// <param name="Failure">Why that is not all; null when it is.</param>
internal sealed record Reading<T>(MessageContext Context, T? Message, InvalidMessageException? Failure = null)
    where T : class
{
    private static readonly string[] FaultTypes =
        [MessageUrn.ForTypeString<Fault<T>>(), MessageUrn.ForTypeString<Fault>()];

    /// <summary>The caller to answer, also when there is no message.</summary>
    public Asker Asker => new(
        Context, typeof(T), Message, IsWhole: Failure is null, MessageUrn.ForTypeString<T>(), FaultTypes);

    /// <summary>The message.</summary>
    /// <exception cref="InvalidMessageException">There is none.</exception>
    public ReceivedMessage<T> Received => Failure is null ? new(Message!, Context) : throw Failure;

    /// <summary>What could not be read as a whole, read field by field: every rule that it breaks.</summary>
    /// <param name="json">The message's JSON; null when it is none.</param>
    /// <param name="failure">Where the reading stopped.</param>
    public static Reading<T> Broken(
        MessageContext context, object? json, JsonTypeInfo<T> type, InvalidMessageException failure)
    {
        if (json is not JsonElement { ValueKind: JsonValueKind.Object } fields)
            return new(context, null, failure);
        var message = FieldReader.Read(fields, type, out var broken);
        return new(context, message, broken.Count == 0 ? failure : new InvalidMessageException(broken));
    }
}

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
