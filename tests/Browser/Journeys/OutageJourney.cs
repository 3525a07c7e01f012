using Microsoft.Playwright;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.Browser.Journeys;

/// <summary>The console is there when it is needed most.</summary>
[FullRun]
public sealed class OutageJourney(Chromium chromium)
{
    private static readonly ServerOptions Options = new() { Progress = Console.Error.WriteLine, PrefersMemory = true };

    [Fact]
    public async Task While_a_server_is_away_every_page_says_so_in_words()
    {
        await using var postgres = await LocalPostgres.LaunchAsync(Options, Token);
        await using var rabbitMq = await LocalRabbitMq.LaunchAsync(Options, Token);
        await using var centre = await CallCentre.OpenAsync(postgres, rabbitMq);
        var console = await centre.StartWorkerAsync();
        using var admin = await console.SignInAsync();

        await admin.VisitAsync(chromium, async visit =>
        {
            await visit.OpenAsync("/");
            await SaysAsync(visit, "Callers get their voices");

            await postgres.KillAsync(Token);
            await SaysAsync(visit, "PostgreSQL cannot be used");
            await AssertEveryPageAsync(visit, "PostgreSQL", ["/voices", "/acts", "/consuming", "/audit", "/schema"]);
            await postgres.StartAsync(Token);
            await visit.OpenAsync("/");
            await SaysAsync(visit, "Callers get their voices");

            await rabbitMq.KillAsync(Token);
            await SaysAsync(visit, "RabbitMQ cannot be used");
            await AssertEveryPageAsync(visit, "RabbitMQ", ["/dead-letters"]);
            await rabbitMq.StartAsync(Token);
            await visit.OpenAsync("/");
            await SaysAsync(visit, "Callers get their voices");
        });
    }

    // By itself: nobody reloads the page.
    private static Task SaysAsync(Visit visit, string text) => Assertions.Expect(
        visit.Page.GetByRole(AriaRole.Status).Filter(new() { Has = visit.Page.GetByRole(AriaRole.Heading) })).ToContainTextAsync(text);

    private static async Task AssertEveryPageAsync(Visit visit, string server, string[] named)
    {
        foreach (var address in ConsoleMap.Pages.Where(page => !page.Contains('{', StringComparison.Ordinal)))
        {
            await visit.OpenAsync(address);
            if (named.Contains(address))
                await Assertions.Expect(visit.Page.GetByRole(AriaRole.Main)).ToContainTextAsync(server);
        }

        await visit.OpenAsync("/");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
