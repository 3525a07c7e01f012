using System.Globalization;
using System.Text.RegularExpressions;
using VoiceWorker.Boot;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Tests.Repository.Deploy;

/// <summary>The units, and what else starts a worker, against the worker.</summary>
public sealed class SystemdTests
{
    private static readonly ILookup<string, string> Worker = Directives("voice-worker.service");
    private static readonly ILookup<string, string> Migration = Directives("voice-worker-migrate.service");

    [Fact]
    public void The_worker_has_longer_to_leave_than_it_takes() => Assert.True(
        int.Parse(Worker["TimeoutStopSec"].Single(), CultureInfo.InvariantCulture) >= new ShutdownOptions().Timeout.TotalSeconds + 10);

    [Fact]
    public void A_container_of_compose_has_too()
    {
        var grace = Regex.Match(RepositoryFiles.Read("docker-compose.yml").Split("  worker:")[1], @"stop_grace_period: (\d+)s").Groups[1].Value;

        Assert.True(int.Parse(grace, CultureInfo.InvariantCulture) >= new ShutdownOptions().Timeout.TotalSeconds + 10);
    }

    [Fact]
    public void What_does_not_mend_itself_is_not_started_again() => Assert.Equal(
        $"{ExitCode.Usage} {ExitCode.PrivilegeMissing} {ExitCode.VerificationFailed} {ExitCode.Unsupported}",
        Worker["RestartPreventExitStatus"].Single());

    [Fact]
    public void The_verbs_are_those_that_there_are()
    {
        Assert.EndsWith("/VoiceWorker run --urls http://127.0.0.1:8080", Worker["ExecStart"].Single(), StringComparison.Ordinal);
        Assert.EndsWith("/VoiceWorker migrate", Migration["ExecStart"].Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_unit_has_its_own_secrets_and_no_right_that_it_does_not_need()
    {
        Assert.NotEqual(Worker["EnvironmentFile"].Single(), Migration["EnvironmentFile"].Single());
        foreach (var unit in new[] { Worker, Migration })
        {
            Assert.Equal(("yes", "strict"), (unit["DynamicUser"].Single(), unit["ProtectSystem"].Single()));
            Assert.Equal(("yes", ""), (unit["NoNewPrivileges"].Single(), unit["CapabilityBoundingSet"].Single()));
            Assert.DoesNotContain("MemoryDenyWriteExecute", unit.Select(directive => directive.Key));
        }
    }

    private static ILookup<string, string> Directives(string unit) => RepositoryFiles.Read($"deploy/systemd/{unit}").Split('\n')
        .Where(line => !line.StartsWith('#') && line.Contains('=', StringComparison.Ordinal))
        .Select(line => line.Split('=', 2)).ToLookup(pair => pair[0], pair => pair[1]);
}
