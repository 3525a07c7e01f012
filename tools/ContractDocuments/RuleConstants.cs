using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.ContractDocuments;

/// <summary>What the constants of every language have of ContractRules.</summary>
internal static class RuleConstants
{
    private static readonly string[] Fields = ["callId", "businessId", "voiceId", "startedAt", "changedAt", "changedBy"];

    /// <summary>The words of each field's rule.</summary>
    public static IEnumerable<(string Field, string Rule)> Rules() =>
        Fields.Select(field => (field, ContractRules.RuleOf(field)!));

    /// <summary>Every character that the worker trims, as the escapes of a literal.</summary>
    public static string WhiteSpace() => string.Concat(
        Enumerable.Range(0, char.MaxValue).Where(code => char.IsWhiteSpace((char)code)).Select(code => $"\\u{code:x4}"));
}
