using VoiceWorker.Verbs;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Tests.Unit.Verbs.Audit;

public sealed class AuditCommandTests
{
    private static readonly string[] Nowhere =
    [
        "--ConnectionStrings:Postgres=Host=127.0.0.1;Port=1;Database=app", "--ConnectionStrings:RabbitMq=amqp://guest:guest@127.0.0.1:1/",
    ];

    [Theory]
    [InlineData("audit")]
    [InlineData("audit", "frobnicate")]
    [InlineData("audit", "list", "--business", "seven")]
    [InlineData("audit", "list", "--business", "7", "--schema")]
    [InlineData("audit", "list", "--call", "CA-1", "--schema")]
    [InlineData("audit", "list", "--limit", "-1")]
    [InlineData("audit", "list", "--from", "yesterday")]
    [InlineData("audit", "list", "--from", "2026-01-31T09:00:00")]
    [InlineData("audit", "list", "--from", "11/23/2026")]
    [InlineData("audit", "list", "--from", "12:00")]
    [InlineData("audit", "show", "--nonsense")]
    [InlineData("audit", "replay")]
    [InlineData("audit", "replay", "--all", "--business", "7")]
    [InlineData("audit", "replay", "--all", "--rate", "0")]
    [InlineData("audit", "replay", "--all", "--to-queue", "")]
    [InlineData("audit", "verify", "--business", "7")]
    [InlineData("audit", "list", "--from", "2026-02-01", "--to", "2026-02-01T00:00:00Z")]
    [InlineData("audit", "list", "--sequence", "0")]
    [InlineData("audit", "list", "--type", "CallStarted")]
    [InlineData("audit", "list", "--json", "--json-lines")]
    [InlineData("audit", "replay", "--reason", "superseded")]
    [InlineData("audit", "replay", "--call", "CA-1")]
    [InlineData("audit", "replay", "--schema", "--call", "CA-1")]
    [InlineData("audit", "replay", "--all=false")]
    [InlineData("status", "--interval", "5")]
    [InlineData("migrate", "--plan", "--script")]
    [InlineData("status", "--watch", "--interval", "soon")]
    [InlineData("doctor", "--nonsense")]
    [InlineData("acts", "--from", "2026-02-01", "--to", "2026-02-01T00:00:00Z")]
    [InlineData("acts", "--result", "donee")]
    [InlineData("completion")]
    [InlineData("completion", "tcsh")]
    public async Task A_wrong_command_line_is_2(params string[] verb) =>
        Assert.Equal(ExitCode.Usage, await CommandLine.RunAsync([.. verb, .. Nowhere]));

    [Theory]
    [InlineData(ExitCode.Unreachable, "audit", "list")]
    [InlineData(ExitCode.Unreachable, "audit", "list", "--call", "CA-1", "--business", "7", "--from", "2026-01-31", "--to", "2026-02-01T00:00:00+01:00")]
    [InlineData(ExitCode.Unreachable, "audit", "show", "--schema", "--oldest-first", "--limit", "0")]
    [InlineData(ExitCode.Unreachable, "audit", "replay", "--all", "--dry-run")]
    [InlineData(ExitCode.Unreachable, "audit", "replay", "--business", "7", "--to-queue", "audit", "--rate", "100")]
    [InlineData(ExitCode.Unreachable, "audit", "list", "--reason", "superseded", "--source", "default", "--voice", "sage", "--type", "callVoiceResolved", "--sequence", "3..5")]
    [InlineData(ExitCode.Unreachable, "audit", "show", "--event", "01a205e7-56f6-7b7b-84e3-d4ce7a1605ce", "--json-lines")]
    [InlineData(ExitCode.Unreachable, "audit", "replay", "--all", "--call", "CA-1", "--sequence", "3..", "--dry-run")]
    [InlineData(ExitCode.Unreachable, "audit", "verify", "--json")]
    [InlineData(ExitCode.Unreachable, "acts", "--operator", "anna", "--verb", "audit replay", "--result", "Done")]
    [InlineData(ExitCode.Unreachable, "status", "--json")]
    [InlineData(ExitCode.Unhealthy, "doctor", "--json")]
    public async Task A_right_one_asks_the_servers(int code, params string[] verb) =>
        Assert.Equal(code, await CommandLine.RunAsync([.. verb, .. Nowhere]));
}
