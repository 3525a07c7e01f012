using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Contracts;
using VoiceWorker.Servers;
using VoiceWorker.Tests.Integration.Verbs;
using Xunit;

namespace VoiceWorker.Tests.Integration.Servers;

/// <summary>A user that lacks a right at the broker: the right, the user and the resource are named, and no queue is to be
/// deleted for it.</summary>
public sealed class BrokerRightsTests(TestServers servers)
{
    [Theory]
    [FullRunData("^$", ".*", ".*", "configure")]
    [InlineData(".*", "^$", ".*", "write")]
    [FullRunData(".*", ".*", "^$", "read")]
    public async Task A_missing_right_ends_the_start_with_3_and_is_named(
        string configure, string write, string read, string right)
    {
        await using var user = await BrokerUser.AddAsync(servers, configure, write, read);
        var (run, doctor) = await StartAsync(user);

        Assert.True(run.Code == 3, $"{run.Code}: {run.Output}");
        Assert.Matches($"AMQP 403: ACCESS_REFUSED.*user '{user.Name}'.*needs the right .*{right}", run.Output);
        Assert.DoesNotContain("delete", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("delete it", doctor.Output, StringComparison.Ordinal);
    }

    [Theory]
    [FullRunData("write", Exchanges.CallVoiceResolved)]
    [FullRunData("write", Exchanges.SchemaMigrated)]
    [FullRunData("write", Exchanges.HistoryLost)]
    [FullRunData("read", "voice-worker.call-started_error")]
    [InlineData("read", "voice-worker.published")]
    public async Task A_right_that_only_later_work_needs_is_missed_at_the_start(string right, string resource)
    {
        var others = $"^(?!{resource.Replace(".", @"\.", StringComparison.Ordinal)}$).*";

        await using var user = right is "write"
            ? await BrokerUser.AddAsync(servers, ".*", others, ".*")
            : await BrokerUser.AddAsync(servers, ".*", ".*", others);
        var (run, doctor) = await StartAsync(user);

        Assert.True(run.Code == 3, $"{run.Code}: {run.Output}");
        var refusal = $"ACCESS_REFUSED.*'{resource}'.*user '{user.Name}'.*needs the right {right}";
        // The log is JSON; what the start ends with is not.
        Assert.Matches(refusal, Assert.Single(
            run.Output.Split('\n'), line => line.Contains("403", StringComparison.Ordinal) && line[0] != '{'));
        Assert.True(doctor.Code == 10, $"{doctor.Code}: {doctor.Output}");
        Assert.Matches($"error +rabbitMq.rights +.*{refusal}", doctor.Output);
    }

    [Fact]
    public async Task All_rights_that_are_missing_are_named_at_once()
    {
        await using var user = await BrokerUser.AddAsync(
            servers, ".*", "^(?!history-lost$|amq.default$).*", "^(?!voice-worker.published$).*");
        var (run, _) = await StartAsync(user);

        Assert.Equal(3, run.Code);
        Assert.All(
            ["history-lost", "amq.default", "voice-worker.published"],
            resource => Assert.Matches($"ACCESS_REFUSED.*'{resource}'", run.Output));
    }

    [Fact]
    [FullRun]
    public async Task Asking_for_rights_publishes_and_takes_nothing()
    {
        const string errors = "voice-worker.call-started_error";
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await broker.AmqpChannel.ExchangeDeclareAsync(
            Exchanges.HistoryLost, ExchangeType.Fanout, durable: true, cancellationToken: Token);
        var bound = await broker.AmqpChannel.QueueDeclareAsync(cancellationToken: Token);
        await broker.AmqpChannel.QueueBindAsync(bound.QueueName, Exchanges.HistoryLost, "", cancellationToken: Token);
        await broker.AmqpChannel.QueueDeclareAsync(
            errors, durable: true, exclusive: false, autoDelete: false, QueueArguments.OfDeadLetters(),
            cancellationToken: Token);
        await broker.AmqpChannel.BasicPublishAsync("", errors, "x"u8.ToArray(), Token);

        await using var user = await BrokerUser.AddAsync(servers, ".*", "^(?!schema-migrated$).*", ".*");
        var (_, doctor) = await StartAsync(user);

        Assert.Matches("error +rabbitMq.rights +.*'schema-migrated'", doctor.Output);
        Assert.Equal(0u, await broker.AmqpChannel.MessageCountAsync(bound.QueueName, Token));
        Assert.False((await broker.AmqpChannel.BasicGetAsync(errors, autoAck: true, Token))!.Redelivered);
    }

    [FullRun]
    [Fact]
    public async Task No_queue_of_the_worker_drops_what_a_policy_has_no_room_for()
    {
        await using var client = await BrokerClient.ConnectAsync(servers.AmqpUri);
        Dictionary<string, object?>[] all =
            [QueueArguments.OfDeadLetters(), QueueArguments.OfAudit(), QueueArguments.OfInput("voice-test", 7)];
        await servers.RabbitMq.ControlAsync(["set_policy", "-p", servers.VirtualHost, "tight", ".*", """{"max-length":2}"""], Token);
        try
        {
            foreach (var arguments in all)
            {
                var queue = (await client.AmqpChannel.QueueDeclareAsync(
                    $"voice-test-{Guid.NewGuid():N}", durable: true, exclusive: false, autoDelete: false, arguments,
                    cancellationToken: Token)).QueueName;
                var refused = 0;
                for (var n = 0; n < 20; n++)
                    refused += await IsRefusedAsync(client.AmqpChannel, queue) ? 1 : 0;

                var kept = await client.AmqpChannel.QueueDeclarePassiveAsync(queue, Token);
                Assert.Equal(20, refused + (int)kept.MessageCount);
                Assert.True(refused > 0);
                await client.AmqpChannel.QueueDeleteAsync(queue, cancellationToken: Token);
            }
        }
        finally
        {
            await servers.RabbitMq.ControlAsync(["clear_policy", "-p", servers.VirtualHost, "tight"], CancellationToken.None);
        }
    }

    // The start must end by itself.
    private async Task<((int Code, string Output) Run, (int Code, string Output) Doctor)> StartAsync(BrokerUser user)
    {
        await using var database = await servers.Migrated.CopyAsync(1);
        var environment = user.EnvironmentOn(database);
        return (await VerbUnderTest.RunAsync(environment, "run"), await VerbUnderTest.RunAsync(environment, "doctor"));
    }

    private static async Task<bool> IsRefusedAsync(IChannel channel, string queue)
    {
        try
        {
            await channel.BasicPublishAsync("", queue, mandatory: true, new BasicProperties(), "x"u8.ToArray(), Token);
            return false;
        }
        catch (PublishException)
        {
            return true;
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
