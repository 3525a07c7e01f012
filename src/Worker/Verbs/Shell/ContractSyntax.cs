using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.Verbs.Shell;

/// <summary>Values of options that are fields of contracts, by the contracts' own rules: what breaks them has never
/// been recorded.</summary>
internal static class ContractSyntax
{
    public static bool IsCallId(string text) =>
        ContractRules.Check(new CallStarted(text, BusinessId: 1, DateTimeOffset.UnixEpoch)).Count == 0;

    public static bool IsVoiceId(string text) =>
        ContractRules.Check(new BusinessVoiceChanged(BusinessId: 1, text, DateTimeOffset.UnixEpoch)).Count == 0;
}
