using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Contracts;
using VoiceWorker.Tests.Integration.DeadLetters;
using Xunit;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>A body that AMQP clients do not take by default.</summary>
public sealed partial class LargeMessageTests(WorkerFixture worker, TestServers servers) : IClassFixture<WorkerFixture>
{
    private const string ErrorQueue = "voice-worker.call-started_error";

    // The client's own limit is 64 MiB; RabbitMQ's is 128 MiB, since 4.0 without a setting 16 MiB.
    private const int Length = 80 * 1024 * 1024;

    [Fact]
    public async Task A_body_above_the_clients_own_limit_is_kept_and_does_not_cost_the_connection()
    {
        var businessId = worker.NextBusiness();
        var body = new byte[Length];
        Random.Shared.NextBytes(body);
        if (await LimitBelowAsync(body) is { } limit)
            body = body[..limit];

        await worker.Broker.PublishAsync(Exchanges.CallStarted, body, new BasicProperties());
        var neighbour = await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call($"CA-{businessId}", businessId));
        await DeadLetterVerbs.AssertCountAsync(worker.Broker, ErrorQueue, 1);
        var list = await DeadLetterVerbs.RunAsync(servers, "list");
        Assert.Contains($"{body.Length}", list.Output, StringComparison.Ordinal);

        Assert.Equal($"CA-{businessId}", neighbour.Field("callId"));
        await using var connection = await new ConnectionFactory { Uri = servers.AmqpUri, MaxInboundMessageBodySize = 2 * Length }
            .CreateConnectionAsync(TestContext.Current.CancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        var dead = await channel.BasicGetAsync(ErrorQueue, autoAck: true, TestContext.Current.CancellationToken);
        Assert.Equal(SHA256.HashData(body), SHA256.HashData(dead!.Body.Span));
    }

    // What a broker takes that does not take this; null where it does. Nothing is bound to the exchange that is asked.
    private async Task<int?> LimitBelowAsync(byte[] body)
    {
        await using var other = await BrokerClient.ConnectAsync(servers.AmqpUri);
        try
        {
            await other.AmqpChannel.BasicPublishAsync(
                "amq.fanout", "", mandatory: false, body, TestContext.Current.CancellationToken);
            return null;
        }
        catch (AlreadyClosedException refused) when (MaxSize().Match(refused.Message) is { Success: true } told)
        {
            return int.Parse(told.Groups[1].Value, CultureInfo.InvariantCulture);
        }
    }

    [GeneratedRegex("larger than configured max size ([0-9]+)")]
    private static partial Regex MaxSize();
}
