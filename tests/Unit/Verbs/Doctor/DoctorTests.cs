using VoiceWorker.Verbs.Doctor;

namespace VoiceWorker.Tests.Unit.Verbs.Doctor;

public sealed class DoctorTests
{
    private static readonly Dictionary<string, string> Sound = new()
    {
        ["server_version"] = "15.14", ["server_version_num"] = "150014", ["fsync"] = "on", ["full_page_writes"] = "on", ["synchronous_commit"] = "on",
        ["statement_timeout"] = "0", ["lock_timeout"] = "0", ["idle_session_timeout"] = "0", ["default_transaction_isolation"] = "read committed",
        ["default_transaction_read_only"] = "off", ["max_connections"] = "200", ["superuser_reserved_connections"] = "3",
    };

    [Fact]
    public void A_sound_server_has_nothing_to_be_done_about() =>
        Assert.All(Examine([]), finding => Assert.Equal((FindingLevel.Ok, null), (finding.Level, finding.Remedy)));

    [Theory]
    [InlineData("server_version_num", "130012", "postgres.version", FindingLevel.Error)]
    [InlineData("fsync", "off", "postgres.durability", FindingLevel.Error)]
    [InlineData("synchronous_commit", "off", "postgres.durability", FindingLevel.Error)]
    [InlineData("default_transaction_read_only", "on", "postgres.writable", FindingLevel.Error)]
    [InlineData("statement_timeout", "5000", "postgres.timeouts", FindingLevel.Warning)]
    [InlineData("idle_session_timeout", "600000", "postgres.timeouts", FindingLevel.Warning)]
    [InlineData("default_transaction_isolation", "serializable", "postgres.isolation", FindingLevel.Warning)]
    [InlineData("max_connections", "50", "postgres.sessions", FindingLevel.Warning)]
    public void What_is_set_otherwise_is_one_finding_with_a_remedy(string setting, string value, string check, object level)
    {
        var finding = Assert.Single(Examine(new() { [setting] = value }), one => one.Level is not FindingLevel.Ok);

        Assert.Equal((check, level), (finding.Check, finding.Level));
        Assert.NotEmpty(finding.Remedy!);
    }

    [Theory]
    [InlineData(1, "", FindingLevel.Warning)]
    [InlineData(1, "ANY 1 (*)", FindingLevel.Ok)]
    [InlineData(0, "", FindingLevel.Ok)]
    public void A_standby_that_no_commit_waits_for_is_a_warning(int standbys, string names, object level)
    {
        var facts = new PostgresServerFacts(
            new Dictionary<string, string>(Sound) { ["synchronous_standby_names"] = names }, "voice_worker", false, false, true)
        {
            Standbys = standbys,
        };

        Assert.Equal(level, facts.Examine(100).Single(one => one.Check == "postgres.replication").Level);
    }

    [Theory]
    [InlineData(0.9, FindingLevel.Ok)]
    [InlineData(-0.9, FindingLevel.Ok)]
    [InlineData(1.5, FindingLevel.Warning)]
    [InlineData(-1.5, FindingLevel.Warning)]
    [InlineData(61, FindingLevel.Error)]
    public void Clocks_may_be_a_second_apart(double seconds, object level) =>
        Assert.Equal(level, ClockSkew.Examine(TimeSpan.FromSeconds(seconds), TimeSpan.FromMilliseconds(2)).Level);

    [Theory]
    [InlineData("3.10.8", 10, 2047, 0)]
    [InlineData("4.1.0-rc.1", 10, 0, 0)]
    [InlineData("3.9.29", 10, 2047, 1)]
    [InlineData("unknown", 0, 4, 3)]
    public void A_broker_is_examined_by_version_heartbeat_and_channels(string version, int heartbeat, ushort channels, int findings) => Assert.Equal(
        findings, RabbitExam.ExamineConnection(version, TimeSpan.FromSeconds(heartbeat), channels).Count(one => one.Level is not FindingLevel.Ok));

    [Fact]
    public void A_finding_is_one_line_with_what_to_do() => Assert.Equal(
        ["error    postgres.version        13.12 is older than 14 → upgrade"],
        DoctorVerb.Lines(Finding.Error("postgres.version", "13.12 is older than 14", "upgrade"), int.MaxValue));

    private static List<Finding> Examine(Dictionary<string, string> changed) => new PostgresServerFacts(
        Sound.Where(setting => !changed.ContainsKey(setting.Key)).Concat(changed).ToDictionary(), "voice_worker", false, false, true).Examine(100).ToList();
}
