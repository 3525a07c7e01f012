using System.Net;
using Microsoft.Playwright;
using Xunit;

namespace VoiceWorker.Tests.Browser.Reading;

/// <summary>WCAG 2.2 AA, as far as a program can tell, on every page that links lead to.</summary>
[Collection(typeof(AtSharedConsole))]
public sealed class AccessibilityTests(SharedConsole shared, Chromium chromium)
{
    private const string Light = "rgb(245, 246, 248)";
    private const string Dark = "rgb(17, 21, 28)";

    [Fact]
    public async Task No_page_has_a_barrier_in_light_or_in_dark()
    {
        var pages = await ConsoleMap.FollowAsync(shared.Admin);
        await shared.Admin.VisitAsync(chromium, async visit =>
        {
            foreach (var address in pages)
            {
                await visit.OpenAsync(address);
                await AssertNoneAsync(visit);
            }
        });
    }

    [Fact]
    public async Task Every_page_can_be_reached_from_the_overview()
    {
        var pages = await ConsoleMap.FollowAsync(shared.Admin);

        Assert.Equal(ConsoleMap.Pages.Order(), pages.Select(ConsoleMap.PatternOf).Distinct().Order()!);
    }

    [Fact]
    public Task An_error_page_has_no_barrier() => shared.Admin.VisitAsync(chromium, async visit =>
    {
        await visit.OpenAsync("/no-such-page", HttpStatusCode.NotFound);
        await AssertNoneAsync(visit);
    });

    [Fact]
    public Task A_refused_sign_in_has_no_barrier() => Visit.RunAsync(chromium.Browser, shared.Printed.Address, [], async visit =>
    {
        await visit.OpenAsync("/", HttpStatusCode.Unauthorized);
        await AssertNoneAsync(visit);
        await visit.OpenAsync("/signed-out");
        await AssertNoneAsync(visit);
    });

    // A missing style sheet breaks no rule: everything would be black on white.
    private static async Task AssertNoneAsync(Visit visit)
    {
        await visit.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        Assert.Equal((visit.Page.Url, Light), (visit.Page.Url, await BackgroundAsync(visit)));
        var barriers = (await visit.FindBarriersAsync()).ToList();
        await visit.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        Assert.Equal((visit.Page.Url, Dark), (visit.Page.Url, await BackgroundAsync(visit)));
        // The scheme changes colours and nothing else.
        barriers.AddRange(await visit.FindBarriersAsync("color-contrast"));
        Assert.Empty(barriers.Select(one => $"{visit.Page.Url}: {one}"));
    }

    private static Task<string> BackgroundAsync(Visit visit) => visit.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
}
