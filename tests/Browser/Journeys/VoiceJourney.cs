using Microsoft.Playwright;
using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.Browser.Journeys;

/// <summary>A business that speaks with a voice that nobody has chosen.</summary>
public sealed class VoiceJourney(TestServers servers, Chromium chromium)
{
    [Fact]
    public async Task A_wrong_voice_is_found_by_a_call_and_set()
    {
        await using var centre = await CallCentre.OpenAsync(servers);
        var console = await centre.StartWorkerAsync();
        await Traffic.ChangeAsync(centre.Broker, 5, "coral", "2026-01-31T09:00:00Z", "user:7");
        await centre.Database.ExecuteAsync("UPDATE business SET voice_id = 'echo' WHERE id = 5");
        var wrong = await centre.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-4711", 5));
        Assert.Equal("echo", wrong.Field("voiceId"));
        using var admin = await console.SignInAsync();

        await admin.VisitAsync(chromium, async visit =>
        {
            var page = visit.Page;
            await visit.OpenAsync("/");
            await visit.GoToAsync("Calls and businesses");
            await page.GetByLabel("A call id, or the number of a business").FillAsync("CA-4711");
            await page.GetByRole(AriaRole.Button, new() { Name = "Find" }).ClickAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = "Call CA-4711" })).ToContainTextAsync("The call got echo");
            await page.GetByRole(AriaRole.Region, new() { Name = "Call CA-4711" }).GetByRole(AriaRole.Link, new() { Name = "5", Exact = true }).ClickAsync();

            await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The stored voice is not what the history says");
            await Assertions.Expect(page.GetByText("By user:7")).ToBeVisibleAsync();
            Assert.Empty(await visit.FindBarriersAsync());
            await page.GetByLabel("Voice", new() { Exact = true }).SelectOptionAsync("coral");
            await page.GetByLabel("Note for the record").FillAsync("as the customer asked");
            await page.GetByRole(AriaRole.Button, new() { Name = "Set voice now" }).ClickAsync();
            await visit.ResultAsync("coral");
            await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);

            await visit.GoToAsync("Acts");
            await Assertions.Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "as the customer asked" })).ToContainTextAsync("voice set");
        });

        var right = await centre.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-4712", 5));
        Assert.Equal("coral", right.Field("voiceId"));
    }
}
