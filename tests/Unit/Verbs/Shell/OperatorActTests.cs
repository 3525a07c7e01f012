using System.CommandLine;
using VoiceWorker.Contracts;
using VoiceWorker.Verbs;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Tests.Unit.Verbs.Shell;

/// <summary>Who acts, why, and what was asked for.</summary>
public sealed class OperatorActTests
{
    private const string NoteRule = "--note needs 1–500 printable characters, no line break and no other control character";

    [Theory]
    [InlineData("anna", "host", "anna@host")]
    [InlineData("Anna Müller", "büro-7", "Anna Müller@büro-7")]
    [InlineData("", "pod-5", "unknown@pod-5")]
    public void An_operator_is_the_user_at_the_host(string user, string host, string expected) =>
        Assert.Equal(expected, OperatorName.Of(user, host));

    [Theory]
    [InlineData("an\nna", "host")]
    [InlineData("anna", "\u202Etsoh")]
    [InlineData("\uD800", "host")]
    [InlineData("a123456789b123456789c123456789d123456789e123456789f123456789g123456789h123456789i123456789j123456789k123456789", "0123456789")]
    public void A_name_that_cannot_be_recorded_is_told_with_its_rule(string user, string host)
    {
        var refused = Assert.Throws<SettingsException>(() => OperatorName.Of(user, host));

        Assert.Matches("^The names of user and host, '.*', cannot be recorded: together they need at most 119 printable characters", refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("two\nlines")]
    [InlineData("\e[2J")]
    [InlineData("\u200Bhidden")]
    public void A_note_that_breaks_its_rule_is_refused_by_every_verb_that_has_one(string note)
    {
        foreach (var verb in new[]
        {
            "dead-letters replay --all", "dead-letters discard --all", "dead-letters edit --id 1 --set a=b", "audit replay --all", "migrate",
            "voice set --business 1 --voice sage",
        })
        {
            var error = Assert.Single(CommandLine.Parse([.. verb.Split(' '), "--note", note]).Errors);

            Assert.StartsWith(NoteRule + ", not '", error.Message, StringComparison.Ordinal);
            Assert.All(error.Message, character => Assert.False(char.IsControl(character)));
        }
    }

    [Fact]
    public void A_note_has_at_most_500_characters_however_many_bytes_these_are()
    {
        Assert.Empty(CommandLine.Parse(["migrate", "--note", string.Concat(Enumerable.Repeat("😀", 500))]).Errors);
        Assert.Single(CommandLine.Parse(["migrate", "--note", new string('a', 501)]).Errors);
    }

    [Fact]
    public void What_was_asked_for_is_the_options_as_they_were_given()
    {
        var note = OperatorAct.NoteOption();
        var (all, set, json, limit) = (
            OptionSyntax.Flag("--all", "all"), new Option<string[]>("--set"), OptionSyntax.Flag("--json", "json"),
            new Option<int>("--limit") { DefaultValueFactory = _ => 7 });
        var root = new RootCommand { new Command("dead-letters") { new Command("edit") { note, all, set, json, limit } } };

        var act = OperatorAct.Of(
            root.Parse(["dead-letters", "edit", "--all", "--set", "a=b", "--set", "c=d", "--json", "--note", "why"]), note);
        act["sent"] = 3;
        var told = act.ToEvent(OperatorActResult.Done);

        Assert.Equal(("dead-letters edit", "why"), (told.Verb, told.Note));
        Assert.Equal(
            [KeyValuePair.Create("all", "true"), KeyValuePair.Create("set", "a=b, c=d")], told.Filter.OrderBy(one => one.Key, StringComparer.Ordinal));
        Assert.Equal([KeyValuePair.Create("sent", 3L)], told.Counts);
    }

    [Theory]
    [InlineData("voice", "set", "--business", "0", "--voice", "sage")]
    [InlineData("voice", "set", "--business", "1")]
    [InlineData("voice", "set", "--voice", "sage")]
    [InlineData("voice", "set", "--business", "1", "--voice", "")]
    [InlineData("voice", "set", "--business", "1", "--voice", "s\e")]
    public void A_change_of_voice_without_a_business_or_a_voice_is_refused(params string[] verb) =>
        Assert.NotEmpty(CommandLine.Parse(verb).Errors);
}
