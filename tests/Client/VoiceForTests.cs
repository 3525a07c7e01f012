using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using VoiceWorker.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Client.World;
using Xunit;

namespace VoiceWorker.Tests.Client;

/// <summary>A call is never without a voice.</summary>
public sealed class VoiceForTests(Broker broker)
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task The_answer_of_the_worker_is_the_voice()
    {
        await using var worker = await FakeWorker.StartAsync(broker.Uri, FakeWorker.Voice);
        await using var client = broker.Connect();

        var voice = await client.VoiceForAsync(42, "CA-1", cancellationToken: Token);

        Assert.Equal(new Voice("v42", VoiceSource.Business, "businessVoice", 42, "CA-1"), voice);
        Assert.True(voice.IsAnswer);
        var heard = Assert.Single(worker.Heard);
        Assert.Equal(["callId", "businessId", "startedAt"], heard.Json.Select(field => field.Key));
        Assert.True(heard.Properties.Persistent);
        var expiration = int.Parse(heard.Properties.Expiration!, CultureInfo.InvariantCulture);
        Assert.InRange(expiration, 1, (int)Waits.Longest.TotalMilliseconds);
        Assert.Equal(new VoiceCounts(1, 0, 0), client.Counts);
    }

    [Fact]
    public async Task A_thousand_calls_at_once_each_get_their_own_answer()
    {
        await using var worker = await FakeWorker.StartAsync(broker.Uri, FakeWorker.Voice);
        await using var client = broker.Connect();

        var voices = await Task.WhenAll(
            Enumerable.Range(1, 1000).Select(n => client.VoiceForAsync(n, $"CA-{n}", cancellationToken: Token)));

        Assert.Equal(Enumerable.Range(1, 1000).Select(n => $"v{n}"), voices.Select(voice => voice.VoiceId));
        Assert.Equal(new VoiceCounts(1000, 0, 0), client.Counts);
    }

    [Fact]
    public async Task A_late_answer_is_counted_and_goes_to_no_other_call()
    {
        var released = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartAsync(broker.Uri, AnswerAsync, concurrency: 4);
        await using var client = broker.Connect();
        await client.VoiceForAsync(1, "CA-1", cancellationToken: Token);

        var late = await client.VoiceForAsync(2, "CA-2", Short, "sage", cancellationToken: Token);
        released.SetResult();

        Assert.Equal(new Voice("sage", VoiceSource.Default, Voice.Timeout, 2, "CA-2"), late);
        Assert.Equal("v3", (await client.VoiceForAsync(3, "CA-3", cancellationToken: Token)).VoiceId);
        Assert.True(await Polling.UntilAsync(
            _ => Task.FromResult(client.Counts == new VoiceCounts(2, 1, 1)), Waits.Longest, Token));

        async Task<(string, string)?> AnswerAsync(JsonObject call)
        {
            if ((int)call["businessId"]! == 2)
                await released.Task;
            return await FakeWorker.Voice(call);
        }
    }

    [Fact]
    public async Task What_could_not_be_recorded_or_read_gets_the_default_at_once()
    {
        await using var worker = await FakeWorker.StartAsync(broker.Uri, call => FakeWorker.Told(
            (int)call["businessId"]! == 1 ? "CallRefused" : "CallVoice",
            (int)call["businessId"]! switch
            {
                1 => """{"error":"notRecorded","broken":[{"field":"","rule":"23514"}]}""",
                2 => """{"voiceId":"marin","source":"business","reason":"inventedLater"}""",
                3 => "{}",
                4 => "[1]",
                _ => "not JSON",
            }));
        await using var client = broker.Connect();

        var voices = await Task.WhenAll(
            Enumerable.Range(1, 5).Select(n => client.VoiceForAsync(n, "CA-1", cancellationToken: Token)));

        Assert.Equal(["notRecorded", "inventedLater", "timeout", "timeout", "timeout"], voices.Select(voice => voice.Reason));
        Assert.Equal(["ash", "marin", "ash", "ash", "ash"], voices.Select(voice => voice.VoiceId));
        Assert.Equal(new VoiceCounts(1, 4, 0), client.Counts);
    }

    [Fact]
    public async Task A_refusal_is_an_error_that_names_field_and_rule()
    {
        await using var worker = await FakeWorker.StartAsync(broker.Uri, _ => FakeWorker.Told(
            "CallRefused", """{"error":"invalidMessage","broken":[{"field":"startedAt","rule":"required"}]}"""));
        await using var client = broker.Connect();

        var refused = await Assert.ThrowsAsync<ContractException>(
            () => client.VoiceForAsync(42, "CA-1", cancellationToken: Token));

        Assert.Equal([new BrokenField("startedAt", "required")], refused.Broken);
    }

    [Fact]
    public async Task A_lost_connection_costs_no_answer_that_can_still_come()
    {
        var (proxy, way) = broker.Detour();
        await using var _ = proxy;
        var arrived = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartAsync(broker.Uri, AnswerAsync);
        await using var client = broker.Connect(way);

        var calls = Enumerable.Range(1, 20)
            .Select(n => client.VoiceForAsync(n, $"CA-{n}", cancellationToken: Token)).ToList();
        await arrived.Task.WaitAsync(Waits.Longest, Token);
        proxy.Cut();
        calls.AddRange(Enumerable.Range(21, 20).Select(n => client.VoiceForAsync(n, $"CA-{n}", cancellationToken: Token)));

        Assert.Equal(Enumerable.Range(1, 40).Select(n => $"v{n}"), (await Task.WhenAll(calls)).Select(voice => voice.VoiceId));

        // The first twenty get none before the connection is lost.
        Task<(string, string)?> AnswerAsync(JsonObject call)
        {
            if (arrived.Task.IsCompleted)
                return FakeWorker.Voice(call);
            if ((int)call["businessId"]! == 20)
                arrived.SetResult();
            return Task.FromResult<(string, string)?>(null);
        }
    }

    [Fact]
    public async Task Another_node_takes_over_from_one_that_hangs()
    {
        var (hanging, first) = broker.Detour();
        await using var _ = hanging;
        await using var worker = await FakeWorker.StartAsync(broker.Uri, FakeWorker.Voice);
        await using var client = broker.Connect(first, first);
        await client.VoiceForAsync(1, "CA-1", cancellationToken: Token);

        // The connections that there are; the next one stands for another node.
        hanging.HalfOpen();
        var begin = Stopwatch.GetTimestamp();
        var voice = await client.VoiceForAsync(2, "CA-2", cancellationToken: Token);

        Assert.Equal("v2", voice.VoiceId);
        Assert.InRange(Stopwatch.GetElapsedTime(begin), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task Nothing_is_sent_of_a_call_whose_caller_has_gone()
    {
        await using var client = broker.Connect();
        using var gone = new CancellationTokenSource();
        var call = client.VoiceForAsync(1, "CA-1", cancellationToken: gone.Token);

        await gone.CancelAsync();

        await Assert.ThrowsAsync<TaskCanceledException>(() => call);
        await Assert.ThrowsAsync<TaskCanceledException>(
            () => client.VoiceForAsync(1, "CA-2", cancellationToken: gone.Token));
        Assert.Equal(new VoiceCounts(0, 0, 0), client.Counts);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
