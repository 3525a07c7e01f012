using System.Net;
using System.Text.RegularExpressions;
using RabbitMQ.Client;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Observability;

/// <summary>Metrics of workers whose events nobody takes.</summary>
public sealed partial class UnboundMetricsTests(TestServers servers)
{
    [Fact]
    public async Task Who_does_not_want_to_be_scraped_is_not()
    {
        await using var worker = await RunningWorker.StartUnboundAsync(servers, "--Observability:Prometheus=false");
        using var client = new HttpClient();

        using var answer = await client.GetAsync(new Uri(worker.Process.Http, "/metrics"), Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [FullRun]
    [Fact]
    public async Task Events_that_nobody_takes_become_old()
    {
        await using var worker = await RunningWorker.StartUnboundAsync(servers, "--Observability:Interval=00:00:00.5");

        await Scrape.OfAsync(worker, text => Age().Match(text) is { Success: true } age
            && double.Parse(age.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) > 1);
    }

    [FullRun]
    [Fact]
    public async Task A_watched_queue_is_measured_with_its_consumers_and_how_long_it_is_not_empty()
    {
        var queue = $"watched-{Guid.NewGuid():N}";
        await using var worker = await RunningWorker.StartUnboundAsync(
            servers, "--Observability:Interval=00:00:00.5", $"--Observability:AuditQueues:0={queue}");
        await Scrape.OfAsync(worker, text => text.Contains($"messaging_destination_name=\"{queue}\"", StringComparison.Ordinal));
        await worker.Broker.AmqpChannel.QueueDeclareAsync(queue, durable: false, exclusive: false, autoDelete: false, cancellationToken: Token);
        await worker.Broker.AmqpChannel.BasicPublishAsync("", queue, "lies there"u8.ToArray(), Token);

        await Scrape.OfAsync(worker, text => ValueOf(text, "voice_worker_queue_messages", queue) == 1
            && ValueOf(text, "voice_worker_queue_consumers", queue) == 0 && ValueOf(text, "voice_worker_queue_age_seconds", queue) > 1);
        await worker.Broker.AmqpChannel.QueueDeleteAsync(queue, cancellationToken: Token);
        await Scrape.OfAsync(worker, text => ValueOf(text, "voice_worker_queue_age_seconds", queue) == 0);
    }

    private static double? ValueOf(string text, string metric, string queue) =>
        text.Split('\n').FirstOrDefault(line => line.StartsWith(metric + "{", StringComparison.Ordinal) && line.Contains($"\"{queue}\"", StringComparison.Ordinal)) is { } found
            ? double.Parse(found.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"voice_worker_audit_unpublished_age_seconds\{[^}]*\} ([\d.]+)")]
    private static partial Regex Age();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
