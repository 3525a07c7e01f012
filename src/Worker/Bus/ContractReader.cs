using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.Bus;

/// <summary>Bytes → message; what cannot be read is named by field and rule, never quoted.</summary>
internal static class ContractReader
{
    /// <summary>In place of a field, when there is none to blame.</summary>
    public const string Body = "body";

    private static ReadOnlySpan<byte> Utf8Bom => [0xEF, 0xBB, 0xBF];

    /// <exception cref="InvalidMessageException">It is not JSON, or a field is not of its type.</exception>
    public static T Read<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type) where T : class
    {
        if (body.StartsWith(Utf8Bom))
            body = body[Utf8Bom.Length..];
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw Unreadable(Body, "a JSON object, not null");
        }
        catch (JsonException failure)
        {
            throw Explain(failure);
        }
    }

    private static InvalidMessageException Explain(JsonException failure)
    {
        var field = FieldOf(failure.Path);
        // The reader's own exception inside: it is not JSON, and the path has the last field that was fine. The path
        // itself is not quoted: it has names that the producer made up.
        return failure.InnerException is not JsonException && ContractRules.RuleOf(field) is { } rule
            ? Unreadable(field, rule)
            : Unreadable(Body, "well-formed JSON of the contract; stopped at "
                + $"line {failure.LineNumber + 1}, byte {failure.BytePositionInLine + 1}");
    }

    // "$.message.businessId" → "businessId"
    private static string FieldOf(string? path) => path is null ? "" : path[(path.LastIndexOf('.') + 1)..];

    private static InvalidMessageException Unreadable(string field, string rule) => new([new BrokenRule(field, rule)]);
}

/// <summary>A message breaks its contract and always will: it belongs into the error queue. Quotes no value.</summary>
internal sealed class InvalidMessageException : Exception
{
    /// <param name="broken">At least one.</param>
    public InvalidMessageException(IReadOnlyList<BrokenRule> broken)
        : base(string.Join("; ", broken)) => Broken = broken;

    public IReadOnlyList<BrokenRule> Broken { get; }

    /// <summary>Passes only when nothing is broken.</summary>
    /// <param name="broken">What a check returned.</param>
    /// <exception cref="InvalidMessageException">Something is broken.</exception>
    public static void ThrowIfAny(IReadOnlyList<BrokenRule> broken)
    {
        if (broken.Count > 0)
            throw new InvalidMessageException(broken);
    }
}
