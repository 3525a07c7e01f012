using System.Runtime.CompilerServices;
using Microsoft.Playwright;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Browser.Reading;

/// <summary>Writes the pictures of docs/console, where the environment variable <c>VOICE_SCREENSHOTS</c> names that folder;
/// into a temporary one otherwise, so that they can be made at any time.</summary>
[FullRun]
public sealed class ScreenshotTests(TestServers servers, Chromium chromium)
{
    private const int LargestFile = 250 * 1024;
    private static readonly (int Width, int Height)[] Windows = [(1440, 900), (768, 1024), (360, 740)];

    [Fact]
    public async Task Every_page_has_its_pictures()
    {
        await using var centre = await CallCentre.OpenAsync(servers);
        var console = await centre.StartWorkerAsync();
        using var admin = await console.SignInAsync();
        await FillAsync(centre, admin);
        var folder = Environment.GetEnvironmentVariable("VOICE_SCREENSHOTS") is { Length: > 0 } named
            ? Path.Combine(Root(), named) : Directory.CreateTempSubdirectory("voice-screenshots-").FullName;
        var pages = await PagesAsync(admin);

        await admin.VisitAsync(chromium, async visit =>
        {
            foreach (var (name, address) in pages)
            {
                await visit.OpenAsync(address);
                foreach (var (width, height) in Windows)
                    await TakeAsync(visit.Page, Path.Combine(folder, $"{name}-{width}"), width, height);
            }
        });

        Assert.Equal(pages.Count * Windows.Length * 2, Directory.GetFiles(folder, "*.png").Length);
        Assert.All(new DirectoryInfo(folder).GetFiles("*.png"), file => Assert.InRange(file.Length, 5_000, LargestFile));
    }

    private static async Task TakeAsync(IPage page, string name, int width, int height)
    {
        await page.SetViewportSizeAsync(width, height);
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await page.ScreenshotAsync(new() { Path = $"{name}-{scheme.ToString().ToLowerInvariant()}.png" });
        }
    }

    // A page of each kind, named as its address begins; of a kind with variables the first one that links lead to.
    private static async Task<IReadOnlyList<(string Name, string Address)>> PagesAsync(Person admin)
    {
        IReadOnlyList<string> found = [];
        // Of letters and events there are pages as soon as there are some.
        await Polling.UntilAsync(async _ => (found = await ConsoleMap.FollowAsync(admin, "/voices?q=7"))
            .Select(ConsoleMap.PatternOf).Distinct().Count() == ConsoleMap.Pages.Count, Waits.Longest, TestContext.Current.CancellationToken);
        var pages = found.GroupBy(address => ConsoleMap.PatternOf(address)!).Select(page => (Name(page.Key), page.First())).ToList();
        Assert.Equal(ConsoleMap.Pages.Count, pages.Count);
        return [.. pages, ("business", "/voices?q=7")];
    }

    private static string Name(string pattern) => pattern switch
    {
        "/" => "overview",
        _ when pattern.Contains('{', StringComparison.Ordinal) => pattern[1..pattern.IndexOf('/', 1)] + "-one",
        _ => pattern[1..].Replace('/', '-'),
    };

    private static async Task FillAsync(CallCentre centre, Person admin)
    {
        await Traffic.CallAsync(centre.Broker, 400);
        await Traffic.ChangeAsync(centre.Broker, 60);
        await Traffic.ChangeAsync(centre.Broker, 7, "coral", "2026-02-01T09:00:00Z", "user:7");
        await Traffic.PoisonAsync(centre.Broker, 37);
        await Traffic.PutAsideAsync(centre.Broker,
        [
            .. Enumerable.Range(1, 12).Select(n => $$"""{"callId":"CA-{{n}}","businessId":{{n}},"startedAt":"yesterday"}"""),
            .. Enumerable.Range(1, 3).Select(_ => "callId=CA-1&businessId=7"),
        ]);
        await ActAsync(admin, "/do/dead-letters/replay", ("limit", "5"), ("note", "the producer says that it is corrected"));
        await ActAsync(admin, "/do/pause", ("queue", "business-voice-changed"), ("note", "a repair of the application"));
        await ActAsync(admin, "/do/voice/set", ("business", "12"), ("voice", "sage"), ("note", "asked for by telephone"));
        await ActAsync(admin, "/do/resume", ("queue", "business-voice-changed"), ("note", "repaired"));
        await Traffic.LieAsync(centre.Broker, 52);
        // Rates and charts of somebody who looks for a while.
        for (var n = 0; n < 12; n++)
        {
            await Task.WhenAll(Enumerable.Range(0, 20 + (5 * n)).Select(_ =>
                centre.Broker.PublishAsync(Exchanges.CallStarted, Wire.Call($"CA-{Guid.NewGuid():N}", 1 + (n % 90)))));
            await VoiceWorker.Infrastructure.Processes.Polling.UntilAsync(
                async _ => (await admin.ReadAsync("/")).Contains("CA-never", StringComparison.Ordinal), TimeSpan.FromSeconds(1.5), TestContext.Current.CancellationToken);
        }
    }

    private static async Task ActAsync(Person admin, string address, params (string Name, string Value)[] fields)
    {
        using var answer = await admin.PostAsync(address, fields.ToDictionary(field => field.Name, field => field.Value));
        Assert.Equal(System.Net.HttpStatusCode.SeeOther, answer.StatusCode);
    }

    private static string Root([CallerFilePath] string thisFile = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", ".."));
}
