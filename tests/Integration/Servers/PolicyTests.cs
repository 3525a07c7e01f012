using VoiceWorker.Infrastructure.Servers;
using VoiceWorker.Tests.Integration.Verbs;
using Xunit;

namespace VoiceWorker.Tests.Integration.Servers;

/// <summary>Policies of the broker, which only its management API tells.</summary>
public sealed class PolicyTests(TestServers servers)
{
    private const string Dead = "voice-worker.call-started_dead";

    [Fact]
    public async Task Policies_that_lose_or_limit_are_named_at_the_start_and_by_doctor()
    {
        await using var rabbit = await LocalRabbitMq.LaunchAsync(
            new ServerOptions { HasRabbitMqManagement = true }, Token);
        await using var database = await servers.Migrated.CopyAsync(businesses: 1);
        var environment = RunningWorker.Connections(database.WorkerConnectionString, rabbit.AmqpUri);
        await rabbit.ControlAsync(["set_policy", "brief", "_dead$", """{"message-ttl":60000,"max-length":5}"""], Token);

        Assert.Contains("not examined", await DoctorAsync(environment), StringComparison.Ordinal);
        environment["ConnectionStrings__RabbitMqManagement"] = rabbit.ManagementUri.ToString();
        await using (var worker = WorkerLauncher.Start(environment, ["run"]))
        {
            await worker.WaitReadyAsync(Token);
            Assert.Contains(worker.Output, line => line.Contains(
                $"{Dead}: policy brief sets message-ttl=60000: messages are removed", StringComparison.Ordinal));
        }

        var examined = await DoctorAsync(environment);
        Assert.Matches($"warning +rabbitMq.policies +{Dead}: policy brief sets max-length=5", examined);
        await rabbit.ControlAsync(["clear_policy", "brief"], Token);
        Assert.Matches("ok +rabbitMq.policies +none loses or limits", await DoctorAsync(environment));
    }

    [Fact]
    public async Task An_API_that_does_not_answer_is_a_warning()
    {
        await using var database = await servers.Migrated.CopyAsync(businesses: 1);
        var environment = RunningWorker.Connections(database.WorkerConnectionString, servers.AmqpUri);
        environment["ConnectionStrings__RabbitMqManagement"] = "http://127.0.0.1:1";

        Assert.Matches("warning +rabbitMq.policies +.*Connection refused", await DoctorAsync(environment));
    }

    [FullRun]
    [Fact]
    public async Task An_API_that_refuses_is_a_warning_without_its_password()
    {
        await using var rabbit = await LocalRabbitMq.LaunchAsync(
            new ServerOptions { HasRabbitMqManagement = true }, Token);
        await using var database = await servers.Migrated.CopyAsync(businesses: 1);
        var environment = RunningWorker.Connections(database.WorkerConnectionString, rabbit.AmqpUri);
        environment["ConnectionStrings__RabbitMqManagement"] = $"http://nobody:wrong@{rabbit.ManagementUri.Authority}";

        var examined = await DoctorAsync(environment);

        Assert.Matches("warning +rabbitMq.policies +.*401", examined);
        Assert.DoesNotContain("wrong", examined, StringComparison.Ordinal);
    }

    private static async Task<string> DoctorAsync(Dictionary<string, string> environment) =>
        (await VerbUnderTest.RunAsync(environment, "doctor")).Output;

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
