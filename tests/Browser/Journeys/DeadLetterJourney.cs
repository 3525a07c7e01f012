using System.Text.Json;
using Microsoft.Playwright;
using Xunit;

namespace VoiceWorker.Tests.Browser.Journeys;

/// <summary>A producer that sends what no worker can record.</summary>
[FullRun]
public sealed class DeadLetterJourney(TestServers servers, Chromium chromium)
{
    private const string OfOne = """{"callId":"CA-lost","businessId":12,"startedAt":"yesterday"}""";

    [Fact]
    public async Task Of_200_poison_messages_one_is_fixed_and_sent_and_the_rest_discarded()
    {
        await using var centre = await CallCentre.OpenAsync(servers);
        var console = await centre.StartWorkerAsync();
        await Traffic.PoisonAsync(centre.Broker, 199);
        await Traffic.PutAsideAsync(centre.Broker, [OfOne]);
        using var admin = await console.SignInAsync();

        await admin.VisitAsync(chromium, async visit =>
        {
            var page = visit.Page;
            await visit.OpenAsync("/");
            await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "200", Exact = true })).ToBeVisibleAsync();
            await visit.GoToAsync("Dead letters");
            await Assertions.Expect(page.GetByRole(AriaRole.Table, new() { Name = "By reason" })).ToContainTextAsync("200 letters");
            await Assertions.Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "businessId: required" }).First).ToContainTextAsync("199");

            await page.GetByRole(AriaRole.Link, new() { NameRegex = new("^startedAt: required") }).ClickAsync();
            await page.GetByRole(AriaRole.Table, new() { Name = "Letters that match" }).GetByRole(AriaRole.Rowheader).GetByRole(AriaRole.Link).ClickAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Table, new() { Name = "Fields of the contract" })).ToContainTextAsync("required: an RFC 3339 instant");
            Assert.Empty(await visit.FindBarriersAsync());
            await page.GetByLabel("startedAt").FillAsync("2026-01-31T09:30:00Z");
            await Assertions.Expect(page.GetByText("The copy keeps the contract.")).ToBeVisibleAsync();
            await page.GetByLabel("startedAt").FillAsync("2026-01-31");
            await Assertions.Expect(page.GetByText("The copy breaks the contract.")).ToBeVisibleAsync();
            await page.GetByLabel("startedAt").FillAsync("2026-01-31T09:30:00Z");
            await page.GetByRole(AriaRole.Button, new() { Name = "Send the corrected copy" }).ClickAsync();
            await visit.ResultAsync("The corrected copy was sent, and the original is gone. Came back 0");
            Assert.Equal(1, await centre.Database.ScalarAsync<long>("SELECT count(*) FROM voice.call_voice WHERE call_id = 'CA-lost'"));

            await visit.OpenUntilAsync("/dead-letters", page.GetByLabel("Type 199 to discard them"));
            await page.GetByLabel("Type 199 to discard them").FillAsync("198");
            await DiscardAsync(page, "a wrong number");
            await visit.ResultAsync("Nothing was discarded");
            await Traffic.LieAsync(centre.Broker, 199);
            await visit.OpenUntilAsync("/dead-letters", page.GetByLabel("Type 199 to discard them"));
            await page.GetByLabel("Type 199 to discard them").FillAsync("199");
            await DiscardAsync(page, "the producer is corrected");
            await visit.ResultAsync("^Discarded 199");
            Assert.Equal(0, await Traffic.CountAsync(centre.Broker));
            await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "There are none" })).ToBeVisibleAsync();

            await visit.GoToAsync("Acts");
            var acts = page.GetByRole(AriaRole.Table, new() { Name = "Acts, the newest first" });
            await Assertions.Expect(acts.GetByRole(AriaRole.Row).Filter(new() { HasText = "the producer is corrected" })).ToContainTextAsync("199");
            var edit = acts.GetByRole(AriaRole.Row).Filter(new() { HasText = "dead-letters edit" });
            await Assertions.Expect(edit).ToContainTextAsync("set startedAt");
            // A body may hold personal data; acts are shown to whoever may see none.
            await Assertions.Expect(edit).Not.ToContainTextAsync("2026-01-31");
        });
    }

    [Fact]
    public async Task A_dead_letter_is_corrected_with_the_keyboard_alone()
    {
        await using var centre = await CallCentre.OpenAsync(servers);
        var console = await centre.StartWorkerAsync();
        await Traffic.PutAsideAsync(centre.Broker, [OfOne]);
        using var admin = await console.SignInAsync();

        await admin.VisitAsync(chromium, async visit =>
        {
            var (page, keyboard) = (visit.Page, visit.Page.Keyboard);
            await visit.OpenAsync("/");
            await FollowAsync(page.GetByRole(AriaRole.Navigation, new() { Name = "Pages" }).GetByRole(AriaRole.Link, new() { Name = "Dead letters" }));
            await FollowAsync(page.GetByRole(AriaRole.Rowheader).GetByRole(AriaRole.Link));
            await visit.TabToAsync(page.GetByLabel("startedAt"));
            await keyboard.PressAsync("Control+A");
            await keyboard.TypeAsync("2026-01-31T09:30:00Z");
            await Assertions.Expect(page.GetByText("The copy keeps the contract.")).ToBeVisibleAsync();
            await keyboard.PressAsync("Enter");
            await visit.ResultAsync("The corrected copy was sent");
            // The next stop is within what is told, not at the top of the page.
            await keyboard.PressAsync("Tab");
            await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "All dead letters" })).ToBeFocusedAsync();

            async Task FollowAsync(ILocator link)
            {
                await visit.TabToAsync(link);
                await keyboard.PressAsync("Enter");
            }
        });
    }

    [Fact]
    public async Task Letters_are_replayed_when_their_cause_is_gone_and_are_a_file_before()
    {
        await using var centre = await CallCentre.OpenAsync(servers);
        var console = await centre.StartWorkerAsync();
        await Traffic.PoisonAsync(centre.Broker, 5);
        using var admin = await console.SignInAsync();

        await admin.VisitAsync(chromium, async visit =>
        {
            await visit.OpenAsync("/dead-letters");
            var download = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Page.GetByRole(AriaRole.Link, new() { Name = "Download them first" }).ClickAsync());
            var lines = await File.ReadAllLinesAsync((await download.PathAsync())!, TestContext.Current.CancellationToken);
            Assert.Equal(5, lines.Length);
            Assert.All(lines, line => Assert.Contains("CA-poison", JsonDocument.Parse(line).RootElement.GetProperty("body").GetString(), StringComparison.Ordinal));

            await visit.Page.GetByLabel("How many").SelectOptionAsync("10");
            await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Replay", Exact = true }).ClickAsync();
            await visit.ResultAsync("Sent 5, came back 5");
        });
    }

    private static async Task DiscardAsync(IPage page, string note)
    {
        await page.Locator("form").Filter(new() { Has = page.GetByRole(AriaRole.Button, new() { Name = "Discard" }) })
            .GetByLabel("Note for the record").FillAsync(note);
        await page.GetByRole(AriaRole.Button, new() { Name = "Discard" }).ClickAsync();
    }
}
