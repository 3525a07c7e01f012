using Microsoft.Playwright;
using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.Browser.Journeys;

/// <summary>Work that has to wait for a while.</summary>
public sealed class ConsumingJourney(TestServers servers, Chromium chromium)
{
    [Fact]
    public async Task A_queue_is_paused_seen_to_be_so_everywhere_and_resumed()
    {
        await using var centre = await CallCentre.OpenAsync(servers);
        var console = await centre.StartWorkerAsync();
        using var admin = await console.SignInAsync();

        await admin.VisitAsync(chromium, async visit =>
        {
            var page = visit.Page;
            await visit.OpenAsync("/");
            await visit.GoToAsync("Consuming");
            await page.Locator("form").Filter(new() { Has = page.GetByRole(AriaRole.Button, new() { Name = "Pause call-started" }) })
                .GetByLabel("Note for the record").FillAsync("a repair");
            await page.GetByRole(AriaRole.Button, new() { Name = "Pause call-started" }).ClickAsync();
            await visit.ResultAsync("call-started.*paused");
            await Assertions.Expect(page.GetByText("1 of 1 has stopped consuming it")).ToBeVisibleAsync();
            await centre.Broker.PublishAsync(Exchanges.CallStarted, Wire.Call("CA-waits", 3), BrokerClient.DirectReply, "1");

            await visit.GoToAsync("Overview");
            await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("paused");
            await Assertions.Expect(page.GetByRole(AriaRole.Table, new() { Name = "Queues" })
                .GetByRole(AriaRole.Rowheader, new() { Name = "voice-worker.call-started paused", Exact = true })).ToBeVisibleAsync();

            await visit.GoToAsync("Consuming");
            await Assertions.Expect(page.GetByText("a repair")).ToBeVisibleAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Resume call-started" }).ClickAsync();
            await visit.ResultAsync("call-started.*resumed");
            await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Pause call-started" })).ToBeVisibleAsync();
        });

        Assert.Equal("CA-waits", (await centre.Broker.NextReplyAsync()).Field("callId"));
        Assert.Equal(2, await centre.Database.ScalarAsync<long>("SELECT count(*) FROM voice.operator_action"));
    }
}
