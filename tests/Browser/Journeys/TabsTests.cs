using Microsoft.Playwright;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Browser.Journeys;

/// <summary>Somebody who keeps many pages open: a browser has six connections to a console for all of them.</summary>
public sealed class TabsTests(TestServers servers, Chromium chromium)
{
    private const int Tabs = 8;

    [Fact]
    public async Task Eight_open_pages_of_one_browser_all_go_on()
    {
        await using var centre = await CallCentre.OpenAsync(servers);
        var console = await centre.StartWorkerAsync();
        using var admin = await console.SignInAsync();

        await admin.VisitAsync(chromium, async visit =>
        {
            var streams = new Streams(visit.Page.Context);
            var pages = new List<IPage> { visit.Page };
            while (pages.Count < Tabs)
                pages.Add(await visit.Page.Context.NewPageAsync());
            foreach (var page in pages)
                await page.GotoAsync(new Uri(console.Address, "/").ToString());

            await Traffic.PoisonAsync(centre.Broker, 3);
            await ShowAsync(pages, 3);
            Assert.Equal((1, 1), (streams.Open, streams.Opened));

            // The next one takes over from the tab that had the stream.
            var first = await streams.OwnerAsync();
            await first.CloseAsync();
            pages.Remove(first);
            await Traffic.PoisonAsync(centre.Broker, 4);
            await ShowAsync(pages, 7);
            Assert.Equal((1, 2), (streams.Open, streams.Opened));
        });
    }

    [Fact]
    public async Task Where_tabs_cannot_agree_each_has_a_stream()
    {
        await using var centre = await CallCentre.OpenAsync(servers);
        var console = await centre.StartWorkerAsync();
        using var admin = await console.SignInAsync();

        await admin.VisitAsync(chromium, async visit =>
        {
            await visit.Page.Context.AddInitScriptAsync("Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })");
            var streams = new Streams(visit.Page.Context);
            var pages = new List<IPage> { visit.Page, await visit.Page.Context.NewPageAsync() };
            foreach (var page in pages)
                await page.GotoAsync(new Uri(console.Address, "/").ToString());

            await Traffic.PoisonAsync(centre.Broker, 3);

            await ShowAsync(pages, 3);
            Assert.Equal((2, 2), (streams.Open, streams.Opened));
        });
    }

    // By themselves: nobody reloads a page.
    private static Task ShowAsync(IEnumerable<IPage> pages, int letters) => Task.WhenAll(pages.Select(page =>
        Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = $"{letters}", Exact = true })).ToBeVisibleAsync()));

    /// <summary>The event streams of a browser.</summary>
    private sealed class Streams
    {
        private readonly List<IRequest> _all = [];
        private readonly List<IRequest> _open = [];

        public Streams(IBrowserContext browser)
        {
            browser.Request += (_, request) => Note(request, isOpen: true);
            browser.RequestFailed += (_, request) => Note(request, isOpen: false);
            browser.RequestFinished += (_, request) => Note(request, isOpen: false);
        }

        public int Opened => Count(_all, _ => true);

        public int Open => Count(_open, IsOfOpenTab);

        /// <summary>The tab that has the stream.</summary>
        public async Task<IPage> OwnerAsync()
        {
            IRequest? stream = null;
            Assert.True(await Polling.UntilAsync(_ => Task.FromResult((stream = First()) is not null), Waits.Longest, TestContext.Current.CancellationToken));
            return stream!.Frame.Page;
        }

        private IRequest? First()
        {
            lock (_all)
                return _open.FirstOrDefault(IsOfOpenTab);
        }

        private int Count(List<IRequest> requests, Func<IRequest, bool> which)
        {
            lock (_all)
                return requests.Count(which);
        }

        // A tab that is closed says nothing of its requests.
        private static bool IsOfOpenTab(IRequest stream) => !stream.Frame.Page.IsClosed;

        private void Note(IRequest request, bool isOpen)
        {
            if (!request.Url.EndsWith("/live", StringComparison.Ordinal))
                return;
            lock (_all)
            {
                if (isOpen)
                    _all.Add(request);
                if (isOpen)
                    _open.Add(request);
                else
                    _open.Remove(request);
            }
        }
    }
}
