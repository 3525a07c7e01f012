using VoiceWorker.ContractDocuments;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Tests.Repository.Contracts;

public sealed class ContractDocumentsTests
{
    private const string Folder = "docs/contracts";

    [Fact]
    public void The_documents_say_what_the_records_and_their_rules_say()
    {
        var written = Documents.All();

        Assert.Equal(
            written.Keys.Order(StringComparer.Ordinal),
            RepositoryFiles.FilesBelow(Folder).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
        Assert.All(written, document => Assert.True(
            document.Value == RepositoryFiles.Read($"{Folder}/{document.Key}"),
            $"{Folder}/{document.Key} is not what src/Contracts says. "
            + "If the contract was meant to change, and only by addition, run ./contracts."));
    }

    [Fact]
    public void Every_message_has_a_schema()
    {
        var described = ContractMessage.All.Select(message => message.Example.GetType()).ToHashSet();
        var messages = typeof(AuditEvent).Assembly.GetExportedTypes()
            .Where(type => !type.IsAbstract && ContractsJson.Default.GetTypeInfo(type) is { Properties.Count: > 0 });

        Assert.Equal(described, messages.ToHashSet());
    }

    [Fact]
    public async Task The_AsyncAPI_parser_finds_nothing_wrong()
    {
        var findings = await ContractJudge.ParseAsyncApiAsync($"{Folder}/{Documents.AsyncApiFile}");

        // 0 is an error, 1 a warning.
        Assert.DoesNotContain(findings, finding => finding[..2] is "0 " or "1 ");
        // A channel for each, and one for all audit events; an operation for each, but for the reply.
        var messages = ContractMessage.All.Count;
        Assert.Equal($"asyncapi 3.0.0: {messages + 1} {messages - 1} {messages}", findings[^1]);
    }
}
