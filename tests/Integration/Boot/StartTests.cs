using System.Net;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Integration.Hosting;
using VoiceWorker.Tests.Integration.Schema;

using Xunit;

namespace VoiceWorker.Tests.Integration.Boot;

/// <summary>What the process does before it consumes, and what it ends with when it cannot.</summary>
public sealed class StartTests(TestServers servers)
{
    private const string Nowhere = "Host=127.0.0.1;Port=1;Database=app;Username=worker;Password=s3cr3t";

    [Fact]
    public async Task A_missing_critical_column_ends_the_start_with_5_and_its_name()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await database.ExecuteAsync("ALTER TABLE call_log DROP COLUMN recording_sid; ALTER TABLE leads DROP COLUMN gender");

        var (code, output) = await StartAsync(RunningWorker.Connections(database.ConnectionString, servers));

        Assert.Equal(5, code);
        Assert.Contains("call_log.recording_sid is missing", output, StringComparison.Ordinal);
        Assert.Contains("leads.gender is missing", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Ready", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_alive_but_not_ready_while_a_server_does_not_answer_and_then_ends_with_7()
    {
        await using var worker = WorkerLauncher.Start(
            RunningWorker.Connections(Nowhere, servers), ["run", "--Boot:Timeout=00:00:03"]);
        using var http = new HttpClient { BaseAddress = worker.Http };

        Assert.True(await Polling.UntilAsync(token => AnswersAsync(http, "/health/live", HttpStatusCode.OK, token),
            Waits.Longest, TestContext.Current.CancellationToken));
        Assert.True(await AnswersAsync(http, "/health/ready", HttpStatusCode.ServiceUnavailable, TestContext.Current.CancellationToken));
        var code = await worker.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(7, code);
        Assert.Contains(worker.Output, line => line.Contains("PostgreSQL at 127.0.0.1:1, database app does not answer", StringComparison.Ordinal));
        Assert.DoesNotContain(worker.Output, line => line.Contains("s3cr3t", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_rehearsal_before_the_first_call_leaves_nothing_behind()
    {
        await using var worker = await RunningWorker.StartUnboundAsync(servers);

        Assert.DoesNotContain(worker.Process.Output, line => line.Contains("rehearsal failed", StringComparison.Ordinal));
        Assert.Equal(0, await worker.Database.ScalarAsync<long>(
            "SELECT (SELECT count(*) FROM voice.call_voice) + (SELECT count(*) FROM voice.outbox WHERE type = 'CallVoiceResolved')"));
    }

    [Fact]
    public async Task SIGTERM_ends_a_ready_worker_with_0()
    {
        await using var worker = await RunningWorker.StartProcessAsync(servers);

        Assert.Equal(0, await worker.Process.TerminateAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("ConnectionStrings:RabbitMq is missing", "ConnectionStrings__RabbitMq=")]
    [InlineData("ConnectionStrings:Postgres is not valid", "ConnectionStrings__Postgres=nonsense")]
    [InlineData("ConnectionStrings:RabbitMq is not valid", "ConnectionStrings__RabbitMq=http://guest:s3cr3t@host")]
    [InlineData("Voices:Default must be one of Voices:Available", "Voices__Default=hal9000")]
    [InlineData("Replies:Deadline", "Replies__Deadline=soon")]
    [InlineData("Audit:PageSize must be between 1 and 5000", "Audit__PageSize=0")]
    [InlineData("Audit:Unrouted", "Audit__Unrouted=Drop")]
    [InlineData("Voices:Defaul is not known", "Voices__Defaul=ash")]
    public async Task A_wrong_setting_ends_the_start_with_2_and_its_full_name(string message, string setting)
    {
        var environment = RunningWorker.Connections(Nowhere, servers);
        environment[setting.Split('=', 2)[0]] = setting.Split('=', 2)[1];

        var (code, output) = await StartAsync(environment);

        Assert.Equal(2, code);
        Assert.Contains(message, output, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [FullRun]
    [Fact]
    public async Task The_verbs_tell_their_outcome_by_exit_code()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        var environment = RunningWorker.Connections(database.ConnectionString, servers);

        Assert.Equal(5, (await RunProcessAsync(environment, "verify")).Code);
        var plan = await RunProcessAsync(environment, "migrate", "--plan");
        Assert.Equal(2, plan.Code);
        Assert.Contains("58_add_business_voice_id: AddColumn", plan.Output, StringComparison.Ordinal);
        Assert.Contains("ADD COLUMN voice_id", (await RunProcessAsync(environment, "migrate", "--script")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunProcessAsync(environment, "migrate")).Code);
        Assert.Equal(0, (await RunProcessAsync(environment, "migrate", "--plan")).Code);
        Assert.Equal(0, (await RunProcessAsync(environment, "verify")).Code);
        var status = (await RunProcessAsync(environment, "status", "--json")).Output;
        // The migration, and that an operator ran it.
        Assert.True(status.Contains("\"unsequenced\": 2", StringComparison.Ordinal), status);
        Assert.Equal(0, (await RunProcessAsync(environment, "version")).Code);
        Assert.Contains("\"commit\": ", (await RunProcessAsync(environment, "version", "--json")).Output, StringComparison.Ordinal);
        Assert.Equal(2, (await RunProcessAsync(environment, "frobnicate")).Code);
        Assert.Equal(7, (await RunProcessAsync(RunningWorker.Connections(Nowhere, servers), "status")).Code);
    }

    [Fact]
    public async Task A_role_that_may_not_migrate_ends_the_start_with_3_and_the_SQL()
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await using var role = await LimitedRole.CreateAsync(database);

        var (code, output) = await StartAsync(RunningWorker.Connections(role.ConnectionString, servers));

        Assert.Equal(3, code);
        Assert.Contains("ALTER TABLE public.business ADD COLUMN voice_id", output, StringComparison.Ordinal);
    }

    private static Task<(int Code, string Output)> StartAsync(Dictionary<string, string> environment) =>
        HostedVerb.RunAsync(environment, "run");

    private static async Task<(int Code, string Output)> RunProcessAsync(Dictionary<string, string> environment, params string[] verb)
    {
        await using var worker = WorkerProcess.Start(WorkerProcess.Dll, environment, verb);
        var code = await worker.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (code, string.Join('\n', worker.Output));
    }

    private static async Task<bool> AnswersAsync(HttpClient http, string path, HttpStatusCode expected, CancellationToken token)
    {
        try
        {
            using var response = await http.GetAsync(new Uri(path, UriKind.Relative), token);
            return response.StatusCode == expected;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
