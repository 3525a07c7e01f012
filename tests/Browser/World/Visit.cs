using System.Net;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Browser.World;

/// <summary>A window of the browser, and all in it that went wrong without anybody seeing it: errors of scripts, of the
/// content security policy, answers that are errors, requests that failed.</summary>
internal sealed class Visit
{
    // A status is seen by its answer; a request that the page itself gave up did not fail.
    private const string Status = "Failed to load resource: the server responded with a status of";
    private const string GivenUp = "net::ERR_ABORTED";

    private readonly List<string> _wrong = [];
    private readonly List<string> _expected = [];

    private Visit(IPage page, Uri address)
    {
        (Page, Address) = (page, address);
        page.Console += (_, said) => Note(said.Type == "error" && !said.Text.StartsWith(Status, StringComparison.Ordinal), $"console: {said.Text}");
        page.PageError += (_, error) => Note(true, $"script: {error}");
        page.RequestFailed += (_, request) => Note(request.Failure != GivenUp, $"request: {request.Method} {request.Url}: {request.Failure}");
        page.Response += (_, answer) => Note(answer.Status >= 400, $"answer: {answer.Status} to {answer.Request.Method} {answer.Url}");
    }

    public IPage Page { get; }

    /// <summary>Of the console.</summary>
    public Uri Address { get; }

    /// <summary>Opens a window, does something in it, and looks for what went wrong.</summary>
    /// <param name="console">Whose pages are visited.</param>
    /// <param name="cookies">Of somebody who is signed in; none for somebody who is not.</param>
    /// <param name="act">What is done there.</param>
    /// <param name="options">Of the window, such as its size.</param>
    public static async Task RunAsync(
        IBrowser browser, Uri console, IEnumerable<System.Net.Cookie> cookies, Func<Visit, Task> act, BrowserNewContextOptions? options = null)
    {
        await using var window = await browser.NewContextAsync(options);
        await window.AddCookiesAsync(cookies.Select(one => new Microsoft.Playwright.Cookie
        {
            Name = one.Name, Value = one.Value, Url = console.ToString(), HttpOnly = one.HttpOnly, SameSite = SameSiteAttribute.Strict,
        }));
        var visit = new Visit(await window.NewPageAsync(), console);
        visit.Page.SetDefaultTimeout((float)Waits.Longest.TotalMilliseconds / 2);
        try
        {
            await act(visit);
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"{failure.Message}\n{await visit.DescribeAsync()}", failure);
        }

        Assert.Empty(visit.Unexpected());
    }

    /// <summary>What goes wrong from now on with this text in it is meant to.</summary>
    public void Expect(string text)
    {
        lock (_wrong)
            _expected.Add(text);
    }

    /// <summary>Opens a page of the console.</summary>
    public async Task<IResponse> OpenAsync(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        if ((int)expected >= 400)
            Expect($"answer: {(int)expected} to GET");
        var answer = await Page.GotoAsync(new Uri(Address, path).ToString());
        Assert.True(answer!.Status == (int)expected, $"{path} answers {answer.Status}");
        return answer;
    }

    /// <summary>Opens a page again until something is on it: what was read before may be shown for a moment.</summary>
    public async Task OpenUntilAsync(string path, ILocator wanted)
    {
        var isThere = await Polling.UntilAsync(async _ =>
        {
            await OpenAsync(path);
            return await wanted.CountAsync() > 0;
        }, Waits.Longest, TestContext.Current.CancellationToken);
        Assert.True(isThere, $"{path} never shows {wanted}");
    }

    /// <summary>The link of the navigation.</summary>
    public Task GoToAsync(string page) =>
        Page.GetByRole(AriaRole.Navigation, new() { Name = "Pages" }).GetByRole(AriaRole.Link, new() { Name = page, Exact = true }).ClickAsync();

    /// <summary>What an act has come to, when it is told: with its heading, and with the focus of the keyboard.</summary>
    public async Task ResultAsync(string heading)
    {
        var told = Page.GetByRole(AriaRole.Heading, new() { NameRegex = new(heading) });
        await Assertions.Expect(Page.GetByRole(AriaRole.Status).Filter(new() { Has = told })).ToBeFocusedAsync();
    }

    /// <summary>Presses Tab until something has the focus of the keyboard.</summary>
    public async Task TabToAsync(ILocator wanted)
    {
        const int most = 150;
        await wanted.WaitForAsync();
        for (var stops = 0; stops < most; stops++)
        {
            if (await wanted.EvaluateAsync<bool>("one => one === document.activeElement"))
                return;
            await Page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"Tab does not lead to {wanted}");
    }

    /// <summary>What axe finds against WCAG 2.2 AA, and against good practice, in the page that is open.</summary>
    /// <param name="rule">The only one that is looked at; null for all.</param>
    public async Task<IEnumerable<string>> FindBarriersAsync(string? rule = null)
    {
        var found = await Page.RunAxe(new AxeRunOptions
        {
            RunOnly = rule is not null ? new() { Type = "rule", Values = [rule] }
                : new() { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
        });
        return found.Violations.Select(one => $"{one.Id}: {one.Help}: {string.Join(" | ", one.Nodes.Select(node => node.Html))}");
    }

    /// <summary>By how many pixels the page is wider than the window.</summary>
    public Task<int> OverflowAsync() => Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");

    /// <summary>What reaches farthest to the right, if it is beyond the window.</summary>
    public Task<string> WidestAsync() => Page.EvaluateAsync<string>("""
        [...document.body.querySelectorAll("*")].reduce((one, other) =>
          other.getBoundingClientRect().right > one.getBoundingClientRect().right ? other : one).outerHTML.slice(0, 200)
        """);

    private string[] Unexpected()
    {
        lock (_wrong)
            return [.. _wrong.Where(one => !_expected.Any(part => one.Contains(part, StringComparison.Ordinal)))];
    }

    private async Task<string> DescribeAsync()
    {
        var seen = await Page.EvaluateAsync<string>("document.body?.innerText ?? ''");
        return string.Join('\n', [$"The window shows {Page.Url}:", seen, .. Unexpected()]);
    }

    private void Note(bool isWrong, string what)
    {
        if (!isWrong)
            return;
        lock (_wrong)
            _wrong.Add(what);
    }
}
