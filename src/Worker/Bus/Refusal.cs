using System.Text.Json;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Contracts.Validation;
using VoiceWorker.Persistence;

namespace VoiceWorker.Bus;

/// <summary>What a caller is told whose message breaks its contract or cannot be recorded: fields and rules, and what
/// identifies the message when that is sound.</summary>
internal static class Refusal
{
    /// <summary>Name and body of the reply; null for a contract that has none.</summary>
    /// <param name="asker">Says what they meant to send.</param>
    /// <param name="failure">That cannot pass.</param>
    public static (string Type, byte[] Body)? Of(Asker asker, Failure failure) =>
        failure.Cause is InvalidMessageException invalid
            ? Of(asker, RefusalError.InvalidMessage, invalid.Broken)
            : Of(asker, RefusalError.NotRecorded, [new BrokenRule(
                ContractReader.Body, failure.Kind is FailureKind.Data ? failure.Names : "the worker failed on it")]);

    /// <summary>The same of known rules.</summary>
    /// <param name="asker">Says what they meant to send.</param>
    /// <param name="error">What is wrong.</param>
    /// <param name="rules">Those that it breaks.</param>
    public static (string Type, byte[] Body)? Of(Asker asker, RefusalError error, IReadOnlyList<BrokenRule> rules)
    {
        BrokenField[] broken = [.. rules.Take(BrokenField.Most).Select(Write)];
        if (asker.Contract == typeof(CallStarted))
        {
            var callId = IsSound(rules, "callId") ? (asker.Readable as CallStarted)?.CallId : null;
            var refused = new CallRefused(callId, error, broken);
            return (nameof(CallRefused),
                JsonSerializer.SerializeToUtf8Bytes(refused, ContractsJson.Default.CallRefused));
        }

        if (asker.Contract == typeof(BusinessVoiceChanged))
        {
            var businessId = IsSound(rules, "businessId") ? (asker.Readable as BusinessVoiceChanged)?.BusinessId : null;
            var refused = new ChangeRefused(businessId, error, broken);
            return (nameof(ChangeRefused),
                JsonSerializer.SerializeToUtf8Bytes(refused, ContractsJson.Default.ChangeRefused));
        }

        return null;
    }

    private static bool IsSound(IReadOnlyList<BrokenRule> rules, string field) =>
        rules.All(rule => rule.Field != field);

    private static BrokenField Write(BrokenRule rule) => new(
        rule.Field == ContractReader.Body ? "" : PeerText.Escape(rule.Field), PeerText.Escape(rule.Explain()));
}
