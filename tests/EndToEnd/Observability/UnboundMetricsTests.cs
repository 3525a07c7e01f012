using System.Net;
using System.Text.RegularExpressions;
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

    [Fact]
    public async Task Events_that_nobody_takes_become_old()
    {
        await using var worker = await RunningWorker.StartUnboundAsync(servers, "--Observability:Interval=00:00:00.5");

        await Scrape.OfAsync(worker, text => Age().Match(text) is { Success: true } age
            && double.Parse(age.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) > 1);
    }

    [GeneratedRegex(@"voice_worker_audit_unpublished_age_seconds\{[^}]*\} ([\d.]+)")]
    private static partial Regex Age();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
