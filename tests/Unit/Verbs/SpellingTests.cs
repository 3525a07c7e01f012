using VoiceWorker.Verbs;
using VoiceWorker.Verbs.DeadLetters;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Tests.Unit.Verbs;

public sealed class SpellingTests
{
    [Theory]
    [InlineData("lst", " (did you mean 'list'?)")]
    [InlineData("REPLAY", " (did you mean 'replay'?)")]
    [InlineData("lsit", " (did you mean 'list'?)")]
    [InlineData("replya", " (did you mean 'replay'?)")]
    [InlineData("--gruop", " (did you mean '--group'?)")]
    [InlineData("frobnicate", "")]
    [InlineData("", "")]
    public void A_word_that_is_near_to_one_is_told_with_it(string word, string question) =>
        Assert.Equal(question, Spelling.DidYouMean(word, ["list", "show", "replay", "--group"]));

    [Fact]
    public void A_misspelt_verb_of_a_group_is_told_with_the_one_that_is_meant() => Assert.Equal(
        "dead-letters has no verb 'lst' (did you mean 'list'?); there are list, show, replay, edit, discard.",
        Verb.Unknown(DeadLettersCommand.Build(), "lst"));

    [Fact]
    public void A_misspelt_verb_or_option_is_told_with_the_one_that_is_meant() => Assert.StartsWith(
        "'statsu' is not known (did you mean 'status'?); settings look like",
        Assert.Throws<SettingsException>(() => SettingArguments.Check(["statsu"], "run", "status")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("dead-letters")]
    [InlineData("dead-letters", "lst")]
    [InlineData("audit", "--ConnectionStrings:Postgres=Password=s3cr3t")]
    [InlineData("statsu")]
    [InlineData("status", "--wathc")]
    public async Task Neither_a_group_alone_nor_a_misspelt_verb_does_anything(params string[] args) =>
        Assert.Equal(2, await CommandLine.RunAsync(args));
}
