using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Bench;

/// <summary>The console in so many tabs, as its script holds them: each has an event stream, and asks for its page anew
/// whenever that says so. Without a browser, whose own work would be measured too.</summary>
internal sealed class OpenTabs : IAsyncDisposable
{
    private const int WarmUp = 4;
    private const string Printed = "Console: ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // All pages; the Overview is what most look at.
    private static readonly string[] Pages =
        ["/", "/dead-letters", "/voices?q=7", "/audit", "/consuming", "/schema", "/acts", "/", "/", "/"];

    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentBag<double> _milliseconds = [];
    private readonly List<Task> _tabs = [];
    private readonly HttpClient _browser;

    private OpenTabs(HttpClient browser) => _browser = browser;

    /// <summary>Signs in by the address that the process has printed, and opens them one after the other.</summary>
    public static async Task<OpenTabs> OpenAsync(WorkerProcess process, int number, CancellationToken cancellationToken)
    {
        var browser = await SignInAsync(process, cancellationToken);
        var tabs = new OpenTabs(browser);
        for (var tab = 1; tab <= number; tab++)
        {
            tabs._tabs.Add(tabs.LiveAsync(Pages[(tab - 1) % Pages.Length]));
            await tabs.WaitAsync(tab, cancellationToken);
        }

        // A page that is shown for the first time is compiled then.
        await tabs.WaitAsync(WarmUp * number, cancellationToken);
        return tabs;
    }

    /// <summary>A client that the console knows as an admin.</summary>
    public static async Task<HttpClient> SignInAsync(WorkerProcess process, CancellationToken cancellationToken)
    {
        string? line = null;
        await Polling.UntilAsync(_ => Task.FromResult((line = process.Output.LastOrDefault(
            one => one.StartsWith(Printed, StringComparison.Ordinal))) is not null), Patience, cancellationToken);
        var address = new Uri((line ?? throw new InvalidOperationException("The console has printed no address"))
            [Printed.Length..]);
        var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() })
        {
            BaseAddress = new Uri(address.GetLeftPart(UriPartial.Authority)), Timeout = Patience,
        };
        using var signedIn = await browser.GetAsync(address, cancellationToken);
        signedIn.EnsureSuccessStatusCode();
        return browser;
    }

    /// <summary>The page as it is now.</summary>
    public static async Task<(string Html, double Milliseconds)> LookAsync(
        HttpClient browser, string page, CancellationToken cancellationToken)
    {
        var from = Stopwatch.GetTimestamp();
        using var answer = await browser.GetAsync(page, cancellationToken);
        var html = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode ? (html, Stopwatch.GetElapsedTime(from).TotalMilliseconds)
            : throw new InvalidOperationException($"{page} answers {(int)answer.StatusCode}");
    }

    /// <summary>What they have seen.</summary>
    /// <exception cref="InvalidOperationException">A tab has failed.</exception>
    public async Task<string> CloseAsync()
    {
        await _closing.CancelAsync();
        await Task.WhenAll(_tabs);
        if (_milliseconds.IsEmpty)
            throw new InvalidOperationException("No tab has seen its page");
        var looks = Delays.Of(_milliseconds);
        return string.Create(CultureInfo.InvariantCulture, $"{_tabs.Count} tabs looked {_milliseconds.Count} times: "
            + $"p50 {looks.P50:0} ms, p99 {looks.P99:0} ms");
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await Task.WhenAll(_tabs).ContinueWith(_ => { }, TaskScheduler.Default);
        _browser.Dispose();
        _closing.Dispose();
    }

    private Task<bool> WaitAsync(int looks, CancellationToken cancellationToken) =>
        Polling.UntilAsync(_ => Task.FromResult(_milliseconds.Count >= looks), Patience, cancellationToken);

    private async Task LiveAsync(string page)
    {
        try
        {
            using var stream = new StreamReader(await _browser.GetStreamAsync("/live", _closing.Token));
            while (await stream.ReadLineAsync(_closing.Token) is { } line)
            {
                if (line.StartsWith("data:", StringComparison.Ordinal))
                    _milliseconds.Add((await LookAsync(_browser, page, _closing.Token)).Milliseconds);
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // Closed.
        }
    }
}
