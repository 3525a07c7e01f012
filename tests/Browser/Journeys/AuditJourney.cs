using Microsoft.Playwright;
using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.Browser.Journeys;

/// <summary>A consumer of audit events that has lost what it had.</summary>
[FullRun]
public sealed class AuditJourney(TestServers servers, Chromium chromium)
{
    private const string Ledger = "ledger";

    [Fact]
    public async Task A_lost_consumer_is_served_by_a_replay_into_its_queue()
    {
        await using var centre = await CallCentre.OpenAsync(servers);
        var console = await centre.StartWorkerAsync();
        for (var call = 1; call <= 3; call++)
            await centre.Broker.AskAsync(Exchanges.CallStarted, Wire.Call($"CA-{call}", 7));
        await centre.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-other", 8));
        await centre.Broker.AmqpChannel.QueueDeclareAsync(Ledger, durable: true, exclusive: false, autoDelete: false, cancellationToken: Token);
        using var admin = await console.SignInAsync();

        await admin.VisitAsync(chromium, async visit =>
        {
            var page = visit.Page;
            await visit.OpenAsync("/");
            await visit.GoToAsync("Audit");
            await visit.OpenUntilAsync("/audit?stream=7", page.GetByRole(AriaRole.Row).Filter(new() { HasText = "CA-3" }));
            await page.GetByText("Publish these events again").ClickAsync();
            await page.GetByLabel("Queue").FillAsync(Ledger);
            var form = page.Locator("form").Filter(new() { Has = page.GetByLabel("Queue") });
            await form.GetByRole(AriaRole.Button, new() { Name = "Only count them" }).ClickAsync();
            await visit.ResultAsync("^3 events would be published to .*ledger.*nothing was");
            Assert.Equal(0u, await centre.Broker.AmqpChannel.MessageCountAsync(Ledger, Token));

            await page.GetByText("Publish these events again").ClickAsync();
            await page.GetByLabel("Queue").FillAsync(Ledger);
            await form.GetByLabel("Note for the record").FillAsync("the ledger's disk is lost");
            await form.GetByRole(AriaRole.Button, new() { Name = "Publish into this queue" }).ClickAsync();
            await visit.ResultAsync("^3 events published to .*ledger");

            await visit.GoToAsync("Acts");
            await Assertions.Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "the ledger's disk is lost" })).ToContainTextAsync("audit replay");
        });

        var served = await centre.Broker.TakeOfAsync(Ledger, 3);
        Assert.Equal(["CA-1", "CA-2", "CA-3"], served.Select(one => one.Field("callId")));
        Assert.All(served, one => Assert.True(one.Properties.Headers!.ContainsKey("x-replay")));
    }

    [Fact]
    public async Task The_trail_is_verified_and_an_altered_event_named()
    {
        await using var centre = await CallCentre.OpenAsync(servers);
        var console = await centre.StartWorkerAsync();
        await centre.Broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-1", 7));
        using var admin = await console.SignInAsync();

        await admin.VisitAsync(chromium, async visit =>
        {
            await visit.OpenUntilAsync("/audit?stream=7", visit.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "CA-1" }));
            await VerifyAsync(visit, "0 differences|no difference|agree");

            await centre.Database.ExecuteAsync("""UPDATE voice_audit.mt_events SET data = jsonb_set(data, '{voiceId}', '"echo"') WHERE stream_id = 'business-7'""");
            await visit.OpenAsync("/audit");
            await VerifyAsync(visit, "difference");
            await Assertions.Expect(visit.Page.GetByRole(AriaRole.Status).GetByRole(AriaRole.Listitem).Filter(new() { HasText = "business-7" }).First).ToBeVisibleAsync();
        });
    }

    private static async Task VerifyAsync(Visit visit, string result)
    {
        await visit.Page.GetByText("or verify the trail").ClickAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Verify the trail" }).ClickAsync();
        await visit.ResultAsync(result);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
