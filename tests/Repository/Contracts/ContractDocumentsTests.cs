using System.Security.Cryptography;
using System.Text;
using VoiceWorker.ContractDocuments;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Tests.Repository.Contracts;

public sealed class ContractDocumentsTests
{
    private const string Folder = "docs/contracts";
    private const string Page = "asyncapi.html";

    [Fact]
    public void The_documents_say_what_the_records_and_their_rules_say()
    {
        var written = Documents.All();

        Assert.Equal(
            written.Keys.Order(StringComparer.Ordinal),
            RepositoryFiles.FilesBelow(Folder).Select(file => Path.GetFileName(file)!).Where(file => file != Page)
                .Order(StringComparer.Ordinal));
        Assert.All(written, document => Assert.True(
            document.Value == RepositoryFiles.Read($"{Folder}/{document.Key}"),
            $"{Folder}/{document.Key} is not what src/Contracts says. "
            + "If the contract was meant to change, and only by addition, run ./contracts."));
    }

    [Fact]
    public void The_page_is_made_from_the_document_that_is_there() => Assert.Contains(
        $"<meta name=\"source-sha256\" content=\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(RepositoryFiles.Read($"{Folder}/{Documents.AsyncApiFile}"))))}\">",
        RepositoryFiles.Read($"{Folder}/{Page}"), StringComparison.Ordinal);

    [Fact]
    public void The_clients_know_what_the_records_and_their_rules_say() => Assert.All(
        GeneratedSources.All(), source => Assert.True(
            source.Value == RepositoryFiles.Read(source.Key), $"{source.Key} is not what src/Contracts says: run ./contracts."));

    [Fact]
    public void Every_message_has_a_schema_and_only_broken_fields_are_a_part_of_one()
    {
        var described = ContractMessage.All.Select(message => message.Example.GetType())
            .Append(typeof(BrokenField)).Append(typeof(LostEvent)).ToHashSet();
        var messages = typeof(AuditEvent).Assembly.GetExportedTypes()
            .Where(type => !type.IsAbstract && ContractsJson.Default.GetTypeInfo(type) is { Properties.Count: > 0 });

        Assert.Equal(described, messages.ToHashSet());
    }

    [FullRun]
    [Fact]
    public async Task The_AsyncAPI_parser_finds_nothing_wrong()
    {
        var findings = await ContractJudge.ParseAsyncApiAsync($"{Folder}/{Documents.AsyncApiFile}");

        // 0 is an error, 1 a warning.
        Assert.DoesNotContain(findings, finding => finding[..2] is "0 " or "1 ");
        // An operation for each, but for the replies; a channel for each operation, for the replies to each request,
        // and for all audit events.
        var messages = ContractMessage.All.Count;
        var requests = ContractMessage.All.Count(message => message.Replies.Count > 0);
        var operations = messages - ContractMessage.All.Sum(message => message.Replies.Count);
        Assert.Equal($"asyncapi 3.0.0: {operations + requests + 1} {operations} {messages}", findings[^1]);
    }
}
