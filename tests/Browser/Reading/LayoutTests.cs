using Microsoft.Playwright;
using Xunit;

namespace VoiceWorker.Tests.Browser.Reading;

/// <summary>What fits into a small window, and what a keyboard reaches.</summary>
[Collection(typeof(AtSharedConsole))]
public sealed class LayoutTests(SharedConsole shared, Chromium chromium)
{
    // 320 is what WCAG asks for; 720 is a window of 1440 at twice the size.
    private static readonly int[] Widths = [320, 720];

    [Fact]
    public async Task No_page_is_wider_than_its_window()
    {
        var pages = await ConsoleMap.FollowAsync(shared.Admin);
        await shared.Admin.VisitAsync(chromium, async visit =>
        {
            var wide = new List<string>();
            foreach (var address in pages)
            {
                await visit.OpenAsync(address);
                foreach (var width in Widths)
                {
                    await visit.Page.SetViewportSizeAsync(width, 800);
                    if (await visit.OverflowAsync() is > 0 and var overflow)
                        wide.Add($"{address} at {width}: {overflow} pixels, by {await visit.WidestAsync()}");
                }
            }

            Assert.Empty(wide);
        });
    }

    [Fact]
    public Task The_first_stop_of_a_keyboard_leads_past_the_navigation() => shared.Admin.VisitAsync(chromium, async visit =>
    {
        await visit.OpenAsync("/");
        await visit.Page.Keyboard.PressAsync("Tab");
        var skip = visit.Page.GetByRole(AriaRole.Link, new() { Name = "To the content" });
        await Assertions.Expect(skip).ToBeFocusedAsync();
        await Assertions.Expect(skip).ToBeInViewportAsync();

        await visit.Page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Main)).ToBeFocusedAsync();
    });

    [Fact]
    public Task The_navigation_says_where_one_is() => shared.Admin.VisitAsync(chromium, async visit =>
    {
        await visit.OpenAsync("/");
        var pages = visit.Page.GetByRole(AriaRole.Navigation, new() { Name = "Pages" }).GetByRole(AriaRole.Link);
        foreach (var name in await pages.AllInnerTextsAsync())
        {
            await pages.GetByText(name, new() { Exact = true }).ClickAsync();
            await Assertions.Expect(pages.And(visit.Page.Locator("[aria-current=page]"))).ToHaveTextAsync(name);
            await Assertions.Expect(visit.Page).ToHaveTitleAsync(new System.Text.RegularExpressions.Regex("^.+ – Voice Worker$"));
        }
    });

    [Fact]
    public Task Where_an_act_has_led_the_keyboard_goes_on() => shared.Admin.VisitAsync(chromium, async visit =>
    {
        await visit.OpenAsync("/dead-letters");
        await visit.Page.GetByLabel("Dry run").CheckAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Replay", Exact = true }).ClickAsync();

        var result = visit.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "would be sent; nothing was" });
        await Assertions.Expect(result).ToBeFocusedAsync();
        Assert.Empty(await visit.FindBarriersAsync());
    });
}
