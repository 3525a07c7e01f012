using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Integration.DeadLetters;
using Xunit;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>Messages that no worker can take, between messages that it can.</summary>
public sealed class PoisonTests(WorkerFixture worker) : IClassFixture<WorkerFixture>
{
    private static readonly string[] Queues = ["voice-worker.call-started", "voice-worker.business-voice-changed"];

    [Fact]
    public Task Each_broken_field_is_named_and_the_message_kept_as_it_came() => AssertKeptAsync(PoisonBodies.OfFields());

    [Fact]
    public Task What_cannot_be_decoded_is_kept_as_it_came() =>
        AssertKeptAsync([.. PoisonBodies.Undecodable(), .. PoisonBodies.EmptyEnvelopes()]);

    [Fact]
    public Task Whatever_properties_a_broken_message_has_they_are_kept() => AssertKeptAsync(PoisonProperties.All());

    [Fact]
    public async Task What_the_database_refuses_is_kept_and_its_group_committed_without_it()
    {
        await worker.Database.ExecuteAsync("""
            ALTER TABLE voice.call_voice ADD CONSTRAINT refused CHECK (call_id NOT LIKE '%refused');
            ALTER TABLE voice.business_voice_change ADD CONSTRAINT refused CHECK (changed_by <> 'refused')
            """);
        await AssertKeptAsync(Enumerable.Range(1, 20).SelectMany(n => new[]
        {
            new Poison($"call {n}", Exchanges.CallStarted, Encoding.UTF8.GetBytes(Wire.Call($"CA-{n}-refused", n)),
                "SQLSTATE 23514, table call_voice, constraint refused", new BasicProperties()),
            new Poison($"change {n}", Exchanges.BusinessVoiceChanged, Encoding.UTF8.GetBytes(
                $$"""{"businessId":{{n}},"voiceId":"coral","changedAt":"2026-01-31T09:30:00Z","changedBy":"refused"}"""),
                "SQLSTATE 23514, table business_voice_change, constraint refused", new BasicProperties()),
        }));
    }

    [Fact]
    public async Task A_message_that_is_moved_leaves_one_line_in_the_log_and_no_stack_trace()
    {
        await worker.Broker.PublishAsync(Exchanges.CallStarted, PoisonBodies.BrokenCall, new BasicProperties { MessageId = "line-1" });
        await worker.Broker.NextOfAsync("voice-worker.call-started_error");
        Assert.True(await Polling.UntilAsync(
            _ => Task.FromResult(OfThisMessage().Any()), Waits.Longest, TestContext.Current.CancellationToken));
        // Whatever else is written for a failure is written by the time that the next call is answered.
        await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-after-line-1", worker.NextBusiness()));

        var line = JsonNode.Parse(Assert.Single(OfThisMessage()))!;
        Assert.Equal(("Warning", 2200), ($"{line["level"]}", (int)line["eventId"]!));
        Assert.Equal(
            "Moved a message of voice-worker.call-started to voice-worker.call-started_error: "
            + "businessId: required: an integer from 1 to 2147483647; message id line-1", $"{line["message"]}");
        Assert.DoesNotContain(worker.Worker.Process.Output, other =>
            other.Contains("R-FAULT", StringComparison.Ordinal) || other.Contains("   at ", StringComparison.Ordinal));

        IEnumerable<string> OfThisMessage() =>
            worker.Worker.Process.Output.Where(line => line.Contains("message id line-1", StringComparison.Ordinal));
    }

    // A good call after each: published together, so that they share prefetch, groups and commits.
    private async Task AssertKeptAsync(IEnumerable<Poison> poison)
    {
        var all = poison.ToList();
        var businessId = worker.NextBusiness();
        var sending = all.SelectMany((one, i) => new[] { SendAsync(one), SendGoodAsync(businessId, i) }).ToList();
        await Task.WhenAll(sending);

        var kept = new List<Delivery>();
        foreach (var queue in all.GroupBy(one => one.ErrorQueue))
            kept.AddRange(await DeadLetterVerbs.TakeAsync(worker.Broker, queue.Key, (uint)queue.Count()));
        var wrong = all.Select(one => ProblemOf(one, kept)).OfType<string>().ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', [.. wrong, .. worker.Worker.Process.Output.TakeLast(40)]));
        await AssertGoodOnesAsync(businessId, all.Count);
        await AssertNothingElseAsync();
    }

    private Task SendAsync(Poison one) => worker.Broker.PublishAsync(
        one.Exchange, one.Body, new BasicProperties(one.Properties) { MessageId = IdOf(one) });

    private static string IdOf(Poison one) => one.Properties.MessageId ?? one.Name;

    private async Task SendGoodAsync(int businessId, int i)
    {
        await worker.Broker.PublishAsync(
            Exchanges.CallStarted, Wire.Call($"CA-{businessId}-{i}", businessId), BrokerClient.DirectReply, $"{businessId}-{i}");
        await worker.Broker.PublishAsync(
            Exchanges.BusinessVoiceChanged,
            $$"""{"businessId":{{businessId}},"voiceId":"coral","changedAt":"{{DateTime.UnixEpoch.AddSeconds(i):O}}","changedBy":"good"}""");
    }

    private static string? ProblemOf(Poison sent, List<Delivery> kept)
    {
        var found = kept.Where(one => one.Properties.MessageId == IdOf(sent)).ToList();
        if (found is not [var dead])
            return $"{sent.Name}: kept {found.Count} times";
        if (Convert.ToHexStringLower(SHA256.HashData(dead.Bytes)) != sent.Hash)
            return $"{sent.Name}: other bytes";
        if (!dead.Header("MT-Fault-Message").StartsWith(sent.Broken, StringComparison.Ordinal))
            return $"{sent.Name}: {sent.Broken} expected, but '{dead.Header("MT-Fault-Message")}'";
        return PoisonProperties.DifferenceOf(sent.Properties, dead.Properties) is { } difference ? $"{sent.Name}: {difference}" : null;
    }

    private async Task AssertGoodOnesAsync(int businessId, int count)
    {
        var replies = new List<string>();
        while (replies.Count < count)
            replies.Add((await worker.Broker.NextReplyAsync()).Properties.CorrelationId!);
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"{businessId}-{i}").Order(), replies.Order());
        var events = await worker.Audit.OfBusinessAsync(businessId, 2 * count);
        Assert.Equal(Enumerable.Range(1, 2 * count).Select(n => $"{n}"), events.Select(e => e.Field("sequence")));
        Assert.Equal(count, await worker.Database.ScalarAsync<long>($"SELECT count(*) FROM voice.call_voice WHERE business_id = {businessId}"));
    }

    private async Task AssertNothingElseAsync()
    {
        foreach (var queue in Queues.SelectMany(name => new[] { name, name + "_error", name + "_dead" }))
            await DeadLetterVerbs.AssertCountAsync(worker.Broker, queue, 0);
        Assert.False(worker.Worker.Process.HasExited);
    }
}
