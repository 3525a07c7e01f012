using System.Text;
using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.ContractDocuments;

/// <summary>The limits and the words of ContractRules as constants of Python.</summary>
internal static class PythonRules
{
    /// <summary>The module.</summary>
    public static string Text()
    {
        var text = new StringBuilder(PythonText.Head("The limits of the contracts, and the words in which a broken one is told."));
        text.Append("from typing import Final\n\n");
        text.Append($"MAX_BUSINESS_ID: Final = {int.MaxValue}\n");
        text.Append($"MAX_CALL_ID_LENGTH: Final = {ContractRules.MaxCallIdLength}\n");
        text.Append($"MAX_VOICE_ID_LENGTH: Final = {ContractRules.MaxVoiceIdLength}\n");
        text.Append($"MAX_CHANGED_BY_LENGTH: Final = {ContractRules.MaxChangedByLength}\n\n");
        text.Append("# What the worker trims from a voice, and what may not surround a call id.\n");
        text.Append($"WHITE_SPACE: Final = \"{RuleConstants.WhiteSpace()}\"\n\n");
        text.Append("RULES: Final = {\n");
        foreach (var (field, rule) in RuleConstants.Rules())
            text.Append($"    {PythonText.Quoted(field)}: {PythonText.Quoted(rule)},\n");
        return text.Append("}\n").ToString();
    }
}
