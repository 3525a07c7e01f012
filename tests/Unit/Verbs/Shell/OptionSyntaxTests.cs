using VoiceWorker.Verbs;

namespace VoiceWorker.Tests.Unit.Verbs.Shell;

/// <summary>What is refused is told with the option, its rule and what was given.</summary>
public sealed class OptionSyntaxTests
{
    private const string CallRule = "--call needs a call id (1–64 printable characters, no surrounding white space)";
    private const string BusinessRule = "--business needs a whole number from 1 to 2147483647";
    private const string IntervalRule = "--interval needs a number from 0.1 to 86400";
    private const string QueueRule = "--to-queue needs the name of a queue (1–255 bytes of UTF-8, not blank)";
    private const string IdRule = "--id needs an id as dead-letters list shows it";

    private const string ReasonRule = "--reason needs one of businessVoice, unknownBusiness, noVoice, unsupportedVoice, databaseUnavailable, superseded";
    private const string SequenceRule = "--sequence needs a sequence from 1, or a range of them: 3, 3..5, 3.. or ..5";
    private const string EventRule = "--event needs an event id such as 01a205e7-56f6-7b7b-84e3-d4ce7a1605ce";

    [Theory]
    [InlineData(ReasonRule + ", not 'supersede' (did you mean 'superseded'?).", "audit", "list", "--reason", "supersede")]
    [InlineData(ReasonRule + ", not 'UNKNOWN_BUSINESS' (did you mean 'unknownBusiness'?).", "audit", "list", "--reason", "UNKNOWN_BUSINESS")]
    [InlineData(ReasonRule + ", not 'x'' OR 1=1'.", "audit", "replay", "--all", "--reason", "x'' OR 1=1")]
    [InlineData("--source needs one of business, default, not 'busines' (did you mean 'business'?).", "audit", "list", "--source", "busines")]
    [InlineData("--voice needs a voice (1–32 printable characters), not ''.", "audit", "list", "--voice", "")]
    [InlineData(EventRule + ", not '42'.", "audit", "show", "--event", "42")]
    [InlineData(SequenceRule + ", not '5..3'.", "audit", "list", "--sequence", "5..3")]
    [InlineData("audit list takes --json or --json-lines, not both.", "audit", "list", "--json", "--json-lines")]
    [InlineData("audit replay takes --schema without --call and --business.", "audit", "replay", "--schema", "--call", "CA-1")]
    [InlineData(CallRule + ", not ''.", "audit", "list", "--call", "")]
    [InlineData(CallRule + ", not ' '.", "audit", "show", "--call", " ")]
    [InlineData(CallRule + ", not 'CA-1 '.", "audit", "list", "--call", "CA-1 ")]
    [InlineData(CallRule + ", not 'CA\\u001B[2J'.", "audit", "list", "--call", "CA\e[2J")]
    [InlineData(BusinessRule + ", not 'abc'.", "audit", "list", "--business", "abc")]
    [InlineData(BusinessRule + ", not ''.", "audit", "replay", "--business", "")]
    [InlineData(BusinessRule + ", not '0'.", "audit", "list", "--business", "0")]
    [InlineData(BusinessRule + ", not '7.0'.", "audit", "list", "--business", "7.0")]
    [InlineData(BusinessRule + ", not '2147483648'.", "audit", "list", "--business", "2147483648")]
    [InlineData("--limit needs a whole number from 0 to 2147483647, not '-1'.", "audit", "list", "--limit", "-1")]
    [InlineData("--rate needs a whole number from 1 to 1000000, not '1e3'.", "audit", "replay", "--all", "--rate", "1e3")]
    [InlineData(IntervalRule + ", not '0'.", "status", "--watch", "--interval", "0")]
    [InlineData(IntervalRule + ", not '1,5'.", "status", "--watch", "--interval", "1,5")]
    [InlineData(IntervalRule + ", not 'NaN'.", "status", "--watch", "--interval", "NaN")]
    [InlineData("--interval needs --watch: without it status looks once.", "status", "--interval", "5")]
    [InlineData(QueueRule + ", not ''.", "audit", "replay", "--all", "--to-queue", "")]
    [InlineData(IdRule + ", not ''.", "dead-letters", "show", "--id", "")]
    [InlineData("--from must be before --to.", "audit", "list", "--from", "2026-02-02", "--to", "2026-02-01")]
    [InlineData("migrate takes --plan or --script, not both.", "migrate", "--plan", "--script")]
    public void A_value_that_breaks_the_rule_of_its_option_is_told_with_both(string error, params string[] args) =>
        Assert.Equal([error], ErrorsOf(args));

    [Theory]
    [InlineData(CallRule, "audit", "list", "--call")]
    [InlineData(CallRule, "audit", "list", "--call=")]
    [InlineData(BusinessRule, "audit", "replay", "--business")]
    [InlineData(ReasonRule, "audit", "list", "--reason")]
    [InlineData(SequenceRule, "audit", "list", "--sequence")]
    [InlineData(IntervalRule, "status", "--watch", "--interval")]
    [InlineData(IdRule, "dead-letters", "show", "--id")]
    public void A_setting_is_not_taken_for_the_value_that_an_option_lacks_and_is_not_told(string rule, params string[] args) =>
        Assert.Equal([rule + ", and has no value."], ErrorsOf([.. args, "--ConnectionStrings:Postgres=Password=s3cr3t"]));

    [Theory]
    [InlineData("audit", "list", "--call", "CA-1", "--business", "2147483647", "--limit", "0")]
    [InlineData("audit", "show", "--from", "2026-01-31", "--to", "2026-02-01T00:00:00+01:00")]
    [InlineData("audit", "replay", "--schema", "--to-queue", "wieder holen", "--rate", "1")]
    [InlineData("status", "--watch", "--interval", "0.5")]
    [InlineData("dead-letters", "replay", "--id", "0123456789ab")]
    public void What_keeps_the_rules_has_no_error(params string[] args) => Assert.Empty(ErrorsOf(args));

    [Fact]
    public void A_type_that_is_misspelt_is_told_with_the_one_that_is_meant() => Assert.Matches(
        @"^--type needs one of CallVoiceResolved, .*, not 'callVoiceResolve' \(did you mean 'CallVoiceResolved'\?\)\.$",
        Assert.Single(ErrorsOf("audit", "list", "--type", "callVoiceResolve")));

    private static IEnumerable<string> ErrorsOf(params string[] args) => CommandLine.Parse(args).Errors.Select(error => error.Message);
}
