using Microsoft.Extensions.Configuration;
using VoiceWorker.Boot;
using VoiceWorker.Retention;
using VoiceWorker.Servers;

namespace VoiceWorker.Tests.Unit.Boot;

/// <summary>Settings as an operator writes them, bound and validated as at the start.</summary>
public sealed class OptionRulesTests
{
    [Theory]
    [InlineData("Bus:Prefetch", "0", "65536")]
    [InlineData("Bus:DeliveryLimit", "1", "100001")]
    [InlineData("GroupCommit:MaxGroupSize", "0", "5001")]
    [InlineData("Audit:PageSize", "0", "5001")]
    [InlineData("Audit:PollInterval", "00:00:00.099", "00:00:05.001")]
    [InlineData("Audit:Unrouted", "2", "-1")]
    [InlineData("Retention:Decisions", "23:59:59", "36500.00:00:01")]
    [InlineData("Retention:Audit", "23:59:59", "36500.00:00:01")]
    [InlineData("Retention:Interval", "00:00:00.999", "1.00:00:01")]
    [InlineData("Boot:Timeout", "00:00:00.999", "1.00:00:01")]
    [InlineData("Shutdown:Timeout", "00:00:00.999", "00:10:01")]
    [InlineData("Replies:Deadline", "00:00:00.009", "00:01:00.001")]
    [InlineData("Observability:Interval", "00:00:00.499", "00:05:00.001")]
    [InlineData("Migration:LockBudget", "00:00:00.999", "1.00:00:01")]
    [InlineData("Migration:BackfillBatch", "0", "100001")]
    [InlineData("Migration:BackfillPause", "-00:00:00.001", "00:00:10.001")]
    [InlineData("Migration:Schema", "public;drop", "1st")]
    [InlineData("Voices:Default", "robot", " ")]
    public void A_value_out_of_range_is_told_by_the_full_name_of_its_setting(string name, params string[] values) =>
        Assert.All(values, value => Assert.StartsWith(name + " ", Assert.Single(Check(name, value)), StringComparison.Ordinal));

    [Theory]
    [InlineData("Bus:Prefetch", "1", "65535")]
    [InlineData("Bus:DeliveryLimit", "2", "100000")]
    [InlineData("GroupCommit:MaxGroupSize", "1", "5000")]
    [InlineData("Audit:PageSize", "1", "5000")]
    [InlineData("Audit:PollInterval", "00:00:00.1", "00:00:05")]
    [InlineData("Audit:Unrouted", "Hold", "skip")]
    [InlineData("Retention:Decisions", "1.00:00:00", "36500.00:00:00")]
    [InlineData("Retention:Interval", "00:00:01", "1.00:00:00")]
    [InlineData("Boot:Timeout", "00:00:01", "1.00:00:00")]
    [InlineData("Shutdown:Timeout", "00:00:01", "00:10:00")]
    [InlineData("Replies:Deadline", "00:00:00.010", "00:01:00")]
    [InlineData("Observability:Interval", "00:00:00.500", "00:05:00")]
    [InlineData("Migration:LockBudget", "00:00:01", "1.00:00:00")]
    [InlineData("Migration:BackfillBatch", "1", "100000")]
    [InlineData("Migration:BackfillPause", "00:00:00", "00:00:10")]
    [InlineData("Migration:Schema", "public", "_legacy_2")]
    [InlineData("Voices:Default", "verse", " ECHO ")]
    public void The_bounds_themselves_are_right(string name, params string[] values) =>
        Assert.All(values, value => Assert.Empty(Check(name, value)));

    [Fact]
    public void A_schema_without_a_name_is_told() =>
        Assert.StartsWith("Migration:Schema ", Assert.Single(Check("Migration:Schema", "")), StringComparison.Ordinal);

    [Fact]
    public void A_queue_has_a_name_of_at_most_255_characters()
    {
        Assert.Empty(Check("Audit:DeclareQueue", new string('q', 255)));
        Assert.StartsWith(
            "Audit:DeclareQueue ", Assert.Single(Check("Audit:DeclareQueue", new string('q', 256))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 30, false)]
    [InlineData(31, 30, false)]
    [InlineData(30, 30, true)]
    [InlineData(30, null, true)]
    public void An_audit_event_is_kept_at_least_as_long_as_the_decision_that_is_found_by_it(int? decisions, int? audit, bool isRight)
    {
        var wrong = Validate(new RetentionOptions { Decisions = Days(decisions), Audit = Days(audit) });

        Assert.Equal(isRight ? [] : ["Retention:Audit must not be shorter than"], wrong.Select(text => text[..40]));

        static TimeSpan? Days(int? days) => days is { } count ? TimeSpan.FromDays(count) : null;
    }

    [Fact]
    public void The_defaults_of_every_section_but_the_connections_are_right() => Assert.All(
        SettingSections.Types.Where(section => section.Value != typeof(ConnectionOptions)),
        section => Assert.Empty(Validate(Activator.CreateInstance(section.Value)!)));

    [Theory]
    [InlineData("Bus:DeliveryLimit", "1", "Bus:DeliveryLimit must be between 2 and 100000.")]
    [InlineData("Audit:PollInterval", "1:00:00", "Audit:PollInterval must be between 00:00:00.100 and 00:00:05 (hh:mm:ss.fff).")]
    [InlineData("Boot:Timeout", "2.00:00:00", "Boot:Timeout must be between 00:00:01 and 1.00:00:00 (d.hh:mm:ss).")]
    [InlineData("Audit:Unrouted", "2", "Audit:Unrouted must be Hold or Skip.")]
    [InlineData("Migration:Schema", "1st", "Migration:Schema must be the name of a schema, such as public.")]
    public void The_words_of_a_rule_are_made_of_its_bounds(string name, string value, string expected) =>
        Assert.Equal(expected, Assert.Single(Check(name, value)));

    private static List<string> Check(string name, string value)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(name, value)]).Build();
        var section = name.Split(':')[0];
        return Validate(configuration.GetSection(section).Get(SettingSections.Types[section])!);
    }

    internal static List<string> Validate(object options) =>
        SettingRules.FindBroken(SettingSections.Types.Single(section => section.Value == options.GetType()).Key, options)
            .ToList();
}
