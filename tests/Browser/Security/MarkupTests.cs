using Microsoft.Playwright;
using Xunit;

namespace VoiceWorker.Tests.Browser.Security;

/// <summary>What others have written is shown as the text that it is.</summary>
[Collection(typeof(AtSharedConsole))]
public sealed class MarkupTests(SharedConsole shared, Chromium chromium)
{
    [Fact]
    public async Task Markup_and_control_characters_of_others_are_text_on_every_page()
    {
        var pages = await ConsoleMap.FollowAsync(shared.Admin, "/dead-letters?page=2");
        var letters = (await shared.Admin.ReadAsync("/dead-letters?page=2")).Split('"')
            .Where(part => part.StartsWith("/dead-letters/", StringComparison.Ordinal)).Distinct();
        var seen = "";

        foreach (var address in pages.Concat(letters))
        {
            var html = await shared.Admin.ReadAsync(address);
            Assert.DoesNotContain("<script>alert", html, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(html, c => c is '\u001b' or '\u202e');
            seen += html;
        }

        // It was there.
        Assert.All(["&lt;script&gt;alert", @"\u001B[31mred", @"\u202Eright to left", @"\u001B[2J\u202ECA-77"], part =>
            Assert.Contains(part, seen, StringComparison.Ordinal));
    }

    [Fact]
    public Task A_body_with_a_script_is_shown_and_not_run() => shared.Admin.VisitAsync(chromium, async visit =>
    {
        visit.Page.Dialog += (_, dialog) => throw new InvalidOperationException(dialog.Message);
        await visit.OpenAsync($"/dead-letters?call={Uri.EscapeDataString(SharedConsole.Markup)}");
        await visit.Page.GetByRole(AriaRole.Table, new() { Name = "Letters that match" }).GetByRole(AriaRole.Rowheader).GetByRole(AriaRole.Link).ClickAsync();

        await Assertions.Expect(visit.Page.GetByLabel("Body as it came")).ToContainTextAsync(SharedConsole.Markup);
        await Assertions.Expect(visit.Page.GetByLabel("callId")).ToHaveValueAsync(SharedConsole.Markup);
    });
}
