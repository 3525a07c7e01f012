using VoiceWorker.Client;

namespace VoiceWorker.ContractDocuments;

/// <summary>What the clients know of the contracts, and what that of .NET promises: file, from the repository's root →
/// text.</summary>
internal static class GeneratedSources
{
    private const string Python = "clients/python/src/voice_worker_client";
    private const string TypeScript = "clients/typescript/src/generated";

    /// <summary>All of them, as the records and their rules have it.</summary>
    public static IReadOnlyDictionary<string, string> All() => new Dictionary<string, string>
    {
        [$"{Python}/messages.py"] = PythonMessages.Text(),
        [$"{Python}/_contract_rules.py"] = PythonRules.Text(),
        [$"{TypeScript}/rules.ts"] = TypeScriptRules.Text(),
        ["clients/dotnet/public-api.txt"] = PublicApi.Of(typeof(IVoiceClient).Assembly),
    };
}
