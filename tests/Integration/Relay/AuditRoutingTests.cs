using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Integration.Relay;

/// <summary>Audit events and the queues that are, or are not, bound for them.</summary>
public sealed class AuditRoutingTests(TestServers servers)
{
    [Fact]
    public async Task Events_wait_for_the_first_consumer_which_gets_them_all_in_order()
    {
        await using var worker = await RunningWorker.StartUnboundAsync(servers);
        for (var i = 1; i <= 30; i++)
            await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call($"CA-{i}", 1));
        await worker.Process.SaysAsync("no queue is bound", staysReady: true);

        var audit = new AuditLog(await worker.Broker.BindAsync(Exchanges.VoiceAudit));
        var events = await audit.OfBusinessAsync(1, 30);

        Assert.Equal(Enumerable.Range(1, 30).Select(n => ($"{n}", $"CA-{n}")), events.Select(e => (e.Field("sequence"), e.Field("callId"))));
        await worker.Process.SaysAsync("leader", staysReady: true);
    }

    [Fact]
    public async Task Events_that_are_held_get_their_sequences_meanwhile()
    {
        // A page a poll would take two minutes.
        await using var worker = await RunningWorker.StartUnboundAsync(servers, "--Audit:PageSize=1", "--Audit:PollInterval=00:00:02");
        for (var i = 1; i <= 60; i++)
            await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call($"CA-{i}", 1));

        Assert.True(await Polling.UntilAsync(
            async _ => await worker.Database.ScalarAsync<long>("SELECT count(*) FROM voice.outbox") == 0,
            Waits.Longest, TestContext.Current.CancellationToken));
        Assert.Equal(60, await worker.Database.ScalarAsync<long>("SELECT max(version) FROM voice_audit.mt_events WHERE stream_id = 'business-1'"));
    }

    [Fact]
    public async Task With_Skip_an_event_without_a_queue_counts_as_done_and_stays_in_the_store()
    {
        await using var worker = await RunningWorker.StartUnboundAsync(servers, "--Audit:Unrouted=Skip");
        await WaitForCheckpointAsync(worker, events: 1);

        var calls = new AuditLog(await worker.Broker.BindAsync(Exchanges.CallVoiceResolved));
        await worker.Broker.PublishAsync(
            Exchanges.BusinessVoiceChanged, """{"businessId":1,"voiceId":"coral","changedAt":"2026-01-31T09:30:00Z"}""");
        await WaitForCheckpointAsync(worker, events: 2);
        await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-1", 1));

        var seen = (await calls.OfBusinessAsync(1, 1))[0];
        Assert.Equal(("CallVoiceResolved", "2"), (seen.Properties.Type, seen.Field("sequence")));
        Assert.Equal(2, await worker.Database.ScalarAsync<long>("SELECT count(*) FROM voice_audit.mt_events WHERE stream_id = 'business-1'"));
    }

    [Fact]
    public async Task A_queue_that_the_worker_is_told_to_declare_gets_every_event()
    {
        var queue = $"audit-{Guid.NewGuid():N}";
        await using var worker = await RunningWorker.StartUnboundAsync(servers, $"--Audit:DeclareQueue={queue}");

        Assert.Equal("SchemaMigrated", (await worker.Broker.NextOfAsync(queue)).Properties.Type);
    }

    [Fact]
    public async Task A_queue_that_the_worker_declared_drops_no_event_however_often_it_is_returned()
    {
        var queue = $"audit-{Guid.NewGuid():N}";
        await using var worker = await RunningWorker.StartUnboundAsync(servers, $"--Audit:DeclareQueue={queue}");
        var channel = worker.Broker.AmqpChannel;
        await WaitForCheckpointAsync(worker, events: 1);

        for (var look = 0; look < 40; look++)
        {
            BasicGetResult? message = null;
            Assert.True(await Polling.UntilAsync(
                async token => (message = await channel.BasicGetAsync(queue, autoAck: false, token)) is not null,
                Waits.Longest, TestContext.Current.CancellationToken), $"it is gone after {look} looks");
            await channel.BasicNackAsync(message!.DeliveryTag, multiple: false, requeue: true, TestContext.Current.CancellationToken);
        }

        Assert.Equal("SchemaMigrated", (await worker.Broker.NextOfAsync(queue)).Properties.Type);
        // RabbitMQ before 4 has no limit of its own: that ours is set is told by a declaration with another.
        var other = new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = 20, ["x-overflow"] = "reject-publish" };
        await using var probe = await BrokerClient.ConnectAsync(servers.AmqpUri);
        var refusal = await Assert.ThrowsAsync<OperationInterruptedException>(() => probe.AmqpChannel.QueueDeclareAsync(
            queue, durable: true, exclusive: false, autoDelete: false, other, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains($"x-delivery-limit' for queue '{queue}' in vhost '{servers.VirtualHost}': received '20' but current is '{int.MaxValue}'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_audit_queue_with_other_arguments_ends_the_start_with_2_and_names_the_argument()
    {
        var queue = $"audit-{Guid.NewGuid():N}";
        await using var database = await servers.Migrated.CopyAsync();
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await broker.AmqpChannel.QueueDeclareAsync(
            queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" },
            cancellationToken: TestContext.Current.CancellationToken);

        await using var worker = WorkerLauncher.Start(
            RunningWorker.Connections(database.WorkerConnectionString, servers), ["run", $"--Audit:DeclareQueue={queue}"]);
        var code = await worker.WaitForExitAsync(TestContext.Current.CancellationToken);

        var output = string.Join('\n', worker.Output);
        Assert.True(code == 2, output);
        Assert.All([$"refuses the queue {queue}", "inequivalent arg 'x-", "bind it yourself"], part => Assert.Contains(part, output, StringComparison.Ordinal));
    }

    private static async Task WaitForCheckpointAsync(RunningWorker worker, int events) => Assert.True(await Polling.UntilAsync(
        _ => worker.Database.ScalarAsync<bool>($"""
            SELECT count(*) = {events} FROM voice_audit.mt_events
            WHERE seq_id <= (SELECT published_seq FROM voice.relay_checkpoint)
            """),
        Waits.Longest, TestContext.Current.CancellationToken), "not everything was published");
}
