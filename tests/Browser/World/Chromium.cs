using Microsoft.Playwright;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

[assembly: AssemblyFixture(typeof(VoiceWorker.Tests.Browser.World.Chromium))]

namespace VoiceWorker.Tests.Browser.World;

/// <summary>The browser of this run: this machine's, installed where it is missing, never one that Playwright downloads.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private IPlaywright _playwright = null!;

    public IBrowser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var folder = await Installation.Chromium.FindAsync(Console.Error.WriteLine, TestContext.Current.CancellationToken);
        Environment.SetEnvironmentVariable("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        _playwright = await Playwright.CreateAsync();
        // The default of 5 s is short on a busy machine.
        Assertions.SetDefaultExpectTimeout((float)Waits.Longest.TotalMilliseconds / 2);
        Browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Path.Combine(folder, Installation.Chromium.Binary),
            // It has no sandbox where it is root's.
            Args = Environment.IsPrivilegedProcess ? ["--no-sandbox"] : [],
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
    }
}
