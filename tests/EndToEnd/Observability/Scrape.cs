using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Observability;

/// <summary>What a worker shows to Prometheus.</summary>
internal static class Scrape
{
    /// <summary>The lines, once they say what was done: the worker looks at ages and dead letters every half second.</summary>
    public static async Task<IReadOnlyList<string>> OfAsync(RunningWorker worker, Func<string, bool> isComplete)
    {
        using var client = new HttpClient();
        var text = "";
        var complete = await Polling.UntilAsync(async token =>
        {
            text = await client.GetStringAsync(new Uri(worker.Process.Http, "/metrics"), token);
            return isComplete(text);
        }, Waits.Longest, TestContext.Current.CancellationToken);
        Assert.True(complete, text);
        return text.Split('\n');
    }
}
