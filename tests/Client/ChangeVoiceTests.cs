using RabbitMQ.Client;
using VoiceWorker.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Tests.Client.World;
using Xunit;

namespace VoiceWorker.Tests.Client;

/// <summary>What becomes of a change is told, or that it is not certain.</summary>
public sealed class ChangeVoiceTests(Broker broker)
{
    private static readonly DateTimeOffset ChangedAt = new(2026, 1, 31, 10, 30, 0, TimeSpan.FromHours(1));

    [Theory]
    [InlineData("\"updated\",\"standingVoiceId\":\"sage\"", VoiceChangeOutcome.Updated, null, "sage")]
    [InlineData(
        "\"rejected\",\"reason\":\"superseded\",\"standingVoiceId\":\"coral\"", VoiceChangeOutcome.Superseded,
        "superseded", "coral")]
    [InlineData(
        "\"rejected\",\"reason\":\"unknownBusiness\",\"standingVoiceId\":null", VoiceChangeOutcome.Refused,
        "unknownBusiness", null)]
    public async Task Each_result_of_the_worker_has_its_outcome(
        string outcome, VoiceChangeOutcome expected, string? reason, string? standing)
    {
        await using var worker = await StartAsync("VoiceChangeResult", $$"""
            {"businessId":42,"voiceId":"sage","changedAt":"2026-01-31T09:30:00Z","outcome":{{outcome}}}
            """);
        await using var client = broker.Connect();

        var change = await client.ChangeVoiceAsync(42, "Sage", "anna", changedAt: ChangedAt, cancellationToken: Token);

        Assert.Equal(new VoiceChange(expected, 42, "sage", ChangedAt, reason, standing), change);
        var heard = Assert.Single(worker.Heard);
        Assert.Equal(
            """{"businessId":42,"voiceId":"Sage","changedAt":"2026-01-31T09:30:00.000000Z","changedBy":"anna"}""", heard.Body);
        Assert.True(heard.Properties is { Expiration: null, Persistent: true });
    }

    [Fact]
    public async Task A_refusal_is_an_error_that_names_field_and_rule()
    {
        await using var worker = await StartAsync(
            "ChangeRefused", """{"error":"notRecorded","broken":[{"field":"","rule":"23514 voice_is_known"}]}""");
        await using var client = broker.Connect();

        var refused = await Assert.ThrowsAsync<ContractException>(
            () => client.ChangeVoiceAsync(42, "sage", cancellationToken: Token));

        Assert.Equal((RefusalError.NotRecorded, "23514 voice_is_known"), (refused.Error, refused.Broken.Single().Rule));
    }

    [Fact]
    public async Task What_a_queue_has_and_nobody_answers_is_queued()
    {
        await using var worker = await FakeWorker.StartAsync(
            broker.Uri, _ => Task.FromResult<(string, string)?>(null), Exchanges.BusinessVoiceChanged);
        await using var client = broker.Connect();
        await client.PublishAsync(Change("cedar"), cancellationToken: Token);

        var change = await client.ChangeVoiceAsync(
            42, "sage", timeout: TimeSpan.FromSeconds(1), cancellationToken: Token);

        Assert.Equal((VoiceChangeOutcome.Queued, "sage"), (change.Outcome, change.VoiceId));
        Assert.Equal(["cedar", "sage"], worker.Heard.Select(heard => heard.Field("voiceId")));
        Assert.Null(worker.Heard.First().Properties.ReplyTo);
    }

    [Fact]
    public async Task What_no_queue_takes_is_an_error_at_once()
    {
        await using var connection = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync(Token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Token);
        await channel.ExchangeDeclareAsync(
            Exchanges.BusinessVoiceChanged, ExchangeType.Fanout, durable: true, cancellationToken: Token);
        await using var client = broker.Connect();

        var unsure = await Assert.ThrowsAsync<NotConfirmedException>(
            () => client.PublishAsync(Change("sage"), cancellationToken: Token));

        Assert.Contains("NO_ROUTE", unsure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exchange_that_does_not_exist_is_told_and_costs_no_later_change()
    {
        await using var client = broker.Connect();

        var unsure = await Assert.ThrowsAsync<NotConfirmedException>(
            () => client.PublishAsync(Change("sage"), TimeSpan.FromSeconds(1), Token));
        await using var worker = await StartAsync("VoiceChangeResult", "{}");
        await client.PublishAsync(Change("cedar"), cancellationToken: Token);

        Assert.Contains("no exchange 'business-voice-changed'", unsure.Message, StringComparison.Ordinal);
    }

    private Task<FakeWorker> StartAsync(string type, string body) =>
        FakeWorker.StartAsync(broker.Uri, _ => FakeWorker.Told(type, body), Exchanges.BusinessVoiceChanged);

    private static BusinessVoiceChanged Change(string voiceId) => new(42, voiceId, ChangedAt);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
