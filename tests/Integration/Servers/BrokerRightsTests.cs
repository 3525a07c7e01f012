using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Servers;
using VoiceWorker.Tests.Integration.Verbs;
using Xunit;

namespace VoiceWorker.Tests.Integration.Servers;

/// <summary>A user that lacks a right at the broker: the right, the user and the resource are named, and no queue is to be
/// deleted for it.</summary>
public sealed class BrokerRightsTests(TestServers servers)
{
    [Theory]
    [InlineData("^$", ".*", ".*", "configure", Traits = [FullRunAttribute.Trait, FullRunAttribute.Value])]
    [InlineData(".*", "^$", ".*", "write")]
    [InlineData(".*", ".*", "^$", "read", Traits = [FullRunAttribute.Trait, FullRunAttribute.Value])]
    public async Task A_missing_right_ends_the_start_with_3_and_is_named(string configure, string write, string read, string right)
    {
        var user = $"limited-{Guid.NewGuid():N}";
        await using var database = await servers.Migrated.CopyAsync(1);
        await servers.RabbitMq.ControlAsync(["add_user", user, "s3cr3t"], Token);
        await servers.RabbitMq.ControlAsync(["set_permissions", "-p", servers.VirtualHost, user, configure, write, read], Token);
        var environment = RunningWorker.Connections(database.WorkerConnectionString, servers);
        environment["ConnectionStrings__RabbitMq"] =
            new UriBuilder(servers.AmqpUri) { UserName = user, Password = "s3cr3t" }.Uri.ToString();
        try
        {
            var (code, output) = await VerbUnderTest.RunAsync(environment, "run");
            var doctor = await VerbUnderTest.RunAsync(environment, "doctor");

            Assert.True(code == 3, $"{code}: {output}");
            Assert.Matches($"AMQP 403: ACCESS_REFUSED.*user '{user}'.*needs the right .*{right}", output);
            Assert.DoesNotContain("delete", output, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
            Assert.DoesNotContain("delete it", doctor.Output, StringComparison.Ordinal);
        }
        finally
        {
            await servers.RabbitMq.ControlAsync(["delete_user", user], CancellationToken.None);
        }
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
