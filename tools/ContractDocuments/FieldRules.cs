using System.Text.Json.Nodes;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Validation;
using static VoiceWorker.ContractDocuments.Characters;

namespace VoiceWorker.ContractDocuments;

/// <summary>What a field's value has to be beyond its type: ContractRules as keywords of a schema.</summary>
internal static class FieldRules
{
    /// <summary>Of an instant that a producer sends: seconds up to 59, an offset up to 14 hours, as the converter reads them.</summary>
    public const string Instant =
        @"^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,16})?"
        + @"(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))$";

    private const string UtcInstant = @"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$";

    private static readonly string Padded = $"^[{WhiteSpace}]|[{WhiteSpace}]$";

    // Lengths without what is trimmed: the first and the last character, and what is between them.
    private static readonly string VoiceId =
        $"^[{WhiteSpace}]*[^{Unprintable}{WhiteSpace}]([^{Unprintable}]{{0,{ContractRules.MaxVoiceIdLength - 2}}}"
        + $"[^{Unprintable}{WhiteSpace}])?[{WhiteSpace}]*$";

    /// <summary>The keywords for a field; empty where the type says it all.</summary>
    /// <param name="field">Its JSON name.</param>
    /// <param name="sender">Who writes it.</param>
    public static JsonObject Of(string field, Sender sender) => (field, sender) switch
    {
        ("callId", _) => new()
        {
            ["minLength"] = 1, ["maxLength"] = ContractRules.MaxCallIdLength,
            ["not"] = Text($"[{Unprintable}]|{Padded}"),
        },
        ("businessId", _) => new() { ["minimum"] = 1, ["maximum"] = int.MaxValue },
        ("voiceId", Sender.Producer) => Pattern(VoiceId),
        ("voiceId" or "previousVoiceId" or "storedVoiceId" or "standingVoiceId", _) => new()
        {
            ["maxLength"] = ContractRules.MaxVoiceIdLength,
        },
        ("changedBy", _) => new()
        {
            ["maxLength"] = ContractRules.MaxChangedByLength, ["not"] = Text($"[{Unprintable}]"),
        },
        ("startedAt" or "changedAt", Sender.Producer) => DateTime(Instant),
        ("startedAt" or "changedAt" or "occurredAt", _) => DateTime(UtcInstant),
        ("broken", _) => new() { ["maxItems"] = BrokenField.Most },
        ("stream", _) => Pattern("^(business-[1-9][0-9]*|schema|seals|operators)$"),
        ("sequence", _) => new() { ["minimum"] = 1 },
        ("hash" or "root" or "previousRoot", _) => Pattern("^[0-9a-f]{64}$"),
        ("events" or "eventsInAll" or "streams" or "position", _) => new() { ["minimum"] = 1 },
        ("operator", _) => new() { ["minLength"] = 1, ["maxLength"] = OperatorActed.MaxOperatorLength },
        ("note", _) => new() { ["maxLength"] = OperatorActed.MaxNoteLength },
        ("rowsBackfilled" or "durationMs", _) => new() { ["minimum"] = 0 },
        _ => [],
    };

    private static JsonObject Pattern(string pattern) => new() { ["pattern"] = pattern };

    // With the type: without it, null would be such a text too.
    private static JsonObject Text(string pattern) => new() { ["type"] = "string", ["pattern"] = pattern };

    private static JsonObject DateTime(string pattern) =>
        new() { ["type"] = "string", ["format"] = "date-time", ["pattern"] = pattern };
}
