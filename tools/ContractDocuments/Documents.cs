using VoiceWorker.Contracts;

namespace VoiceWorker.ContractDocuments;

/// <summary>Everything that is written down of the contracts: file name → text.</summary>
internal static class Documents
{
    /// <summary>The AsyncAPI document.</summary>
    public const string AsyncApiFile = "asyncapi.json";

    /// <summary>The public surface of the package.</summary>
    public const string PublicApiFile = "public-api.txt";

    /// <summary>All of them, as the records and their rules have it.</summary>
    public static IReadOnlyDictionary<string, string> All()
    {
        var files = ContractMessage.All.ToDictionary(
            message => $"{message.Name}.schema.json", message => JsonText.Of(MessageSchema.Standalone(message)));
        files[AsyncApiFile] = JsonText.Of(AsyncApi.Document());
        files[PublicApiFile] = PublicApi.Of(typeof(CallStarted).Assembly);
        return files;
    }
}
