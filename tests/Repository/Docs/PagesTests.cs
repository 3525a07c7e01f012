using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceWorker.Verbs;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Tests.Repository.Docs;

/// <summary>The reference pages against what they describe.</summary>
public sealed class PagesTests
{
    [Fact]
    public void Every_link_between_the_pages_leads_somewhere() =>
        Assert.Empty(Page.All().SelectMany(file => Page.Read(file).BrokenLinks()));

    [Theory]
    [InlineData("README.md", 10)]
    [InlineData("ARCHITECTURE.md", 12)]
    public void A_page_that_is_read_first_stays_short(string file, int kilobytes) =>
        Assert.InRange(new FileInfo(Path.Combine(RepositoryFiles.Root, file)).Length, 1, kilobytes * 1024);

    [Fact]
    public void A_decision_fits_a_page() =>
        Assert.All(RepositoryFiles.FilesBelow("docs/adr"), file => Assert.InRange(RepositoryFiles.Read(file).Split('\n').Length, 1, 60));

    [Fact]
    public void The_page_of_verbs_lists_every_verb_and_every_exit_code()
    {
        var page = Page.Read("docs/verbs.md");
        var verbs = CommandLine.Parse([]).RootCommandResult.Command.Subcommands.Select(verb => verb.Name);
        var codes = typeof(ExitCode).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(code => $"{code.GetRawConstantValue()}").Distinct();

        Assert.Equal(verbs.Order(), page.Rows("verb").Select(row => Page.Quoted(row[0]).First()).Order());
        Assert.Equal(codes.Order(), page.Rows("exit code").Select(row => row[0]).Order());
    }

    [Fact]
    public void The_page_of_messages_lists_every_message_with_its_fields()
    {
        var page = Page.Read("docs/messages.md");
        var common = FieldsOf(page.Section("Common fields"));
        foreach (var file in RepositoryFiles.FilesBelow("docs/contracts").Where(IsSchema))
        {
            using var schema = JsonDocument.Parse(RepositoryFiles.Read(file));
            var fields = schema.RootElement.GetProperty("properties").EnumerateObject().Select(field => field.Name).ToList();
            var isEvent = fields.Contains("eventId");
            var listed = FieldsOf(page.Section(schema.RootElement.GetProperty("title").GetString()!));

            Assert.Equal(fields.Order(), (isEvent ? common.Concat(listed) : listed).Order());
        }
    }

    [Fact]
    public void The_page_of_clients_has_every_behaviour_and_who_is_held_to_it()
    {
        var languages = JsonNode.Parse(RepositoryFiles.Read("clients/conformance/drivers.json"))!.AsArray();
        var behaviours = JsonNode.Parse(RepositoryFiles.Read("clients/conformance/behaviours.json"))!["behaviours"]!.AsArray();
        var expected = behaviours.Select(behaviour => string.Join(
            " | ", languages.Select(language => language!["parts"]!.AsArray().Any(part => (string?)part == (string?)behaviour!["part"]) ? "yes" : "–")
                .Prepend($"**{behaviour!["name"]}**: {behaviour["says"]}")));

        var page = RepositoryFiles.Read("docs/clients.md");

        Assert.Contains($"| behaviour | {string.Join(" | ", languages.Select(language => language!["name"]))} |", page, StringComparison.Ordinal);
        Assert.Equal(expected, page.Split('\n').Where(line => line.StartsWith("| **", StringComparison.Ordinal)).Select(line => line[2..^2]));
    }

    private static List<string> FieldsOf(Page section) =>
        [.. section.Rows("field").SelectMany(row => Page.Quoted(row[0]))];

    private static bool IsSchema(string file) => file.EndsWith(".schema.json", StringComparison.Ordinal);
}
