using System.Text.RegularExpressions;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Tests.Repository.Deploy;

public sealed partial class AlertRulesTests
{
    private static readonly ServerOptions Options = new() { Progress = Console.Error.WriteLine };

    [Fact]
    public async Task Prometheus_takes_the_configuration_with_its_rules()
    {
        var said = await CheckAsync("check", "config", "prometheus.yml");

        Assert.Contains($"{AlertNames().Count} rules found", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recorded_series_raise_the_alerts_that_they_should_and_no_other() =>
        Assert.Contains("SUCCESS", await CheckAsync("test", "rules", "alerts.test.yml"), StringComparison.Ordinal);

    [Fact]
    public void Every_alert_is_raised_by_one_test_and_left_alone_by_another()
    {
        var tests = File.ReadAllText(Path.Combine(Deployed.Folder, "prometheus", "alerts.test.yml"));

        Assert.All(AlertNames(), alert =>
        {
            Assert.Matches($@"alertname: {alert}\n        exp_alerts:", tests);
            Assert.Contains($"alertname: {alert} }}", tests, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Every_alert_leads_to_a_section_of_the_runbooks_with_its_four_parts()
    {
        var sections = File.ReadAllText(Path.Combine(Deployed.Folder, "..", "docs", "runbooks.md")).Split("\n## ")[1..];

        Assert.Equal(AlertNames(), sections.Select(section => section.Split('\n')[0]));
        Assert.All(AlertNames(), alert => Assert.Contains(
            $"runbook_url: \"docs/runbooks.md#{alert.ToLowerInvariant()}\"", Deployed.Alerts, StringComparison.Ordinal));
        Assert.All(sections, section => Assert.All(
            ["**Meaning.**", "**First look.**", "**Cure.**", "**Verify.**"], part => Assert.Contains(part, section, StringComparison.Ordinal)));
    }

    private static List<string> AlertNames() => [.. Alert().Matches(Deployed.Alerts).Select(match => match.Groups[1].Value)];

    private static Task<string> CheckAsync(string what, string kind, string file) => LocalPrometheus.CheckAsync(
        Options, [what, kind, Path.Combine(Deployed.Folder, "prometheus", file)], TestContext.Current.CancellationToken);

    [GeneratedRegex(@"alert: (\w+)")]
    private static partial Regex Alert();
}
