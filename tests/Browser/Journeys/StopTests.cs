using System.Diagnostics;
using Xunit;

namespace VoiceWorker.Tests.Browser.Journeys;

/// <summary>Nobody's window keeps a worker from leaving.</summary>
[FullRun]
public sealed class StopTests(TestServers servers, Chromium chromium)
{
    private const int Tabs = 10;

    // An event stream that was not ended held a stop until this was over.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_worker_with_ten_open_tabs_ends_in_time()
    {
        await using var centre = await CallCentre.OpenAsync(servers);
        var console = await centre.StartWorkerAsync($"--Shutdown:Timeout={Timeout:c}");
        using var admin = await console.SignInAsync();
        using var opened = new CountdownEvent(Tabs);
        var ended = new TaskCompletionSource();

        // A window each: one alone opens no more than six connections.
        var tabs = Enumerable.Range(0, Tabs).Select(_ => admin.VisitAsync(chromium, async visit =>
        {
            visit.Expect("net::ERR");
            await visit.Page.RunAndWaitForResponseAsync(() => visit.OpenAsync("/"), answer => answer.Url.EndsWith("/live", StringComparison.Ordinal));
            opened.Signal();
            await ended.Task;
        })).ToList();
        Assert.True(await Task.Run(() => opened.Wait(Waits.Longest)));
        var watch = Stopwatch.StartNew();
        var code = await console.Process.TerminateAsync(TestContext.Current.CancellationToken);
        ended.SetResult();
        await Task.WhenAll(tabs);

        Assert.Equal(0, code);
        Assert.True(watch.Elapsed < Timeout / 2, $"{watch.Elapsed}");
    }
}
