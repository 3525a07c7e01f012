using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;

namespace VoiceWorker.Tests.Browser.Security;

/// <summary>What others have written is shown as the text that it is.</summary>
[Collection(typeof(AtSharedConsole))]
public sealed partial class MarkupTests(SharedConsole shared, Chromium chromium)
{
    [Fact]
    public async Task Markup_and_control_characters_of_others_are_text_on_every_page()
    {
        var pages = await ConsoleMap.FollowAsync(shared.Admin, "/dead-letters?page=2");
        var letters = (await shared.Admin.ReadAsync("/dead-letters?page=2")).Split('"')
            .Where(part => part.StartsWith("/dead-letters/", StringComparison.Ordinal)).Distinct();
        var (seen, wrong) = ("", new List<string>());

        foreach (var address in pages.Concat(letters))
        {
            var html = await shared.Admin.ReadAsync(address);
            wrong.AddRange(Steering(html).Select(place => $"{address}: {place}"));
            seen += html;
        }

        Assert.Empty(wrong);
        // It was there.
        Assert.All(
            ["&lt;script&gt;alert", @"\u001B[31mred", @"\u202Eright to left", @"\u001B[2J\u202ECA-77", @"\u001B[1mtenant", @"\u001B[3mproducer"],
            part => Assert.Contains(part, seen, StringComparison.Ordinal));
    }

    [Fact]
    public async Task So_is_the_name_that_a_provider_tells()
    {
        using var person = await shared.Provided.SignInAsync(SharedConsole.Markup, "voice-viewer");

        var html = await person.ReadAsync("/");

        Assert.Contains("&lt;script&gt;alert", html, StringComparison.Ordinal);
        Assert.Empty(Steering(html));
    }

    [Theory]
    [InlineData("/do/pause", "queue")]
    [InlineData("/do/drain", "worker")]
    [InlineData("/do/voice/set", "voice")]
    public async Task So_is_what_somebody_types_when_it_is_told_to_be_wrong(string act, string field)
    {
        using var answer = await shared.Admin.PostAsync(
            act, new Dictionary<string, string>(Standing.Fields) { [field] = $"\u001b[31m{SharedConsole.Markup}", ["business"] = "999999" });

        var html = answer.Headers.Location is { } told ? await shared.Admin.ReadAsync(told.ToString()) : await answer.Content.ReadAsStringAsync(Token);

        Assert.Contains(@"\u001B[31m&lt;script&gt;alert", html, StringComparison.Ordinal);
        Assert.Empty(Steering(html));
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

    // What would be run; and what a terminal would obey, or would turn around what is read, once it is copied from a page.
    private static IEnumerable<string> Steering(string html) =>
        Found(Script(), html).Concat(Found(Steer(), WebUtility.HtmlDecode(html)));

    private static IEnumerable<string> Found(Regex what, string text) =>
        what.Matches(text).Select(found => text[Math.Max(0, found.Index - 60)..Math.Min(text.Length, found.Index + 30)]);

    [GeneratedRegex("<script>alert")]
    private static partial Regex Script();

    [GeneratedRegex("[\\p{Cc}\\p{Cf}-[\\n\\r\\t]]")]
    private static partial Regex Steer();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
