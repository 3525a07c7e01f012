using System.Globalization;
using System.Text;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Integration.DeadLetters;
using Xunit;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>What a worker holds does not grow with what it has processed, nor with what it could not.</summary>
[FullRun]
public sealed class MemoryTests(TestServers servers)
{
    private const int AtOnce = 500;
    private const int PoisonEvery = 100;
    private const int MoreMegabytes = 200;
    private const int MoreHandles = 30;

    private static readonly int Count = Environment.GetEnvironmentVariable("VOICE_TEST_LONG") == "1" ? 100_000 : 5_000;

    [Fact]
    public async Task Memory_handles_and_threads_are_flat_with_one_percent_poison()
    {
        await using var worker = await RunningWorker.StartProcessAsync(servers);
        await worker.Broker.AmqpChannel.QueuePurgeAsync("voice-worker.call-started_error", TestContext.Current.CancellationToken);
        await SendAsync(worker, 0, Count / 5);
        var before = Footprint.Of(((WorkerProcess)worker.Process).Id);
        var peak = before;
        for (var from = Count / 5; from < Count * 6 / 5; from += AtOnce)
        {
            await SendAsync(worker, from, AtOnce);
            peak = peak.Max(Footprint.Of(((WorkerProcess)worker.Process).Id));
        }

        await DeadLetterVerbs.AssertCountAsync(worker.Broker, "voice-worker.call-started_error", (uint)(Count * 6 / 5 / PoisonEvery));
        var after = Footprint.Of(((WorkerProcess)worker.Process).Id);
        TestContext.Current.TestOutputHelper!.WriteLine($"{Count} messages: before {before}; peak {peak}; after {after}");
        Assert.True(peak.Megabytes < before.Megabytes + MoreMegabytes, $"memory grew from {before} to {peak}");
        Assert.True(after.Handles < before.Handles + MoreHandles, $"handles grew from {before} to {after}");
        Assert.True(after.Threads < before.Threads + MoreHandles, $"threads grew from {before} to {after}");
    }

    // Waits until they are processed: what waits in a queue is not held by the worker.
    private static async Task SendAsync(RunningWorker worker, int from, int count)
    {
        await Task.WhenAll(Enumerable.Range(from, count).Select(n => worker.Broker.PublishAsync(
            Exchanges.CallStarted, BodyOf(n), new BasicProperties { ReplyTo = BrokerClient.DirectReply, CorrelationId = $"{n}" })));
        for (var replies = count - (count / PoisonEvery); replies > 0; replies--)
            await worker.Broker.NextReplyAsync();
    }

    // Small, large and undecodable by turns.
    private static byte[] BodyOf(int n) => (n % PoisonEvery, n / PoisonEvery % 3) switch
    {
        (not 0, _) => Encoding.UTF8.GetBytes(Wire.Call($"CA-{n}", (n % 100) + 1)),
        (_, 0) => PoisonBodies.BrokenCall,
        (_, 1) => Encoding.UTF8.GetBytes($$"""{"callId":"{{new string('x', 100_000)}}"}"""),
        _ => new byte[10_000],
    };

    private sealed record Footprint(long Megabytes, int Handles, int Threads)
    {
        public static Footprint Of(int processId)
        {
            var status = File.ReadAllLines($"/proc/{processId}/status");
            return new Footprint(
                Number(status, "VmRSS:") / 1024, Directory.GetFiles($"/proc/{processId}/fd").Length, (int)Number(status, "Threads:"));
        }

        public Footprint Max(Footprint other) => new(
            Math.Max(Megabytes, other.Megabytes), Math.Max(Handles, other.Handles), Math.Max(Threads, other.Threads));

        public override string ToString() => $"{Megabytes} MB, {Handles} handles, {Threads} threads";

        private static long Number(string[] status, string name) => long.Parse(
            status.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);
    }
}
