using System.Net;
using Microsoft.Playwright;
using Xunit;

namespace VoiceWorker.Tests.Browser.Security;

/// <summary>Signing in by the address that a console prints.</summary>
public sealed class SignInTests(TestServers servers, Chromium chromium)
{
    private const int AttemptsInAMinute = 10;

    [Fact]
    public async Task The_printed_address_signs_in_once_and_the_next_one_is_printed()
    {
        await using var centre = await CallCentre.OpenAsync(servers);
        var console = await centre.StartConsoleAsync();
        var printed = await console.SignInAddressAsync();
        using var stranger = new Person(console.Address);

        await Visit.RunAsync(chromium.Browser, console.Address, [], async visit =>
        {
            await visit.Page.GotoAsync(printed.ToString());
            await Assertions.Expect(visit.Page).ToHaveURLAsync(console.Address.ToString());
            await Assertions.Expect(visit.Page.GetByRole(AriaRole.Navigation, new() { Name = "Pages" })).ToBeVisibleAsync();
            var cookie = Assert.Single(await visit.Page.Context.CookiesAsync(), one => one.Name == "voice-worker-console");
            Assert.Equal((true, SameSiteAttribute.Strict), (cookie.HttpOnly, cookie.SameSite));
        });
        using var again = await stranger.Http.GetAsync(printed, Token);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        using var next = await stranger.SignInAsync(await console.SignInAddressAsync());
        Assert.Contains("Overview", await stranger.ReadAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_token_is_refused_and_soon_not_even_looked_at()
    {
        await using var centre = await CallCentre.OpenAsync(servers);
        var console = await centre.StartConsoleAsync();
        using var stranger = new Person(console.Address);

        var answers = new List<HttpStatusCode>();
        for (var attempt = 0; attempt < AttemptsInAMinute + 2; attempt++)
        {
            using var answer = await stranger.Http.GetAsync(attempt == 0 ? "/login" : $"/login?token=wrong{attempt}", Token);
            answers.Add(answer.StatusCode);
        }

        Assert.Equal(
            [.. Enumerable.Repeat(HttpStatusCode.Unauthorized, AttemptsInAMinute), HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests], answers);
        // Nor a right one: who guesses would not learn that he has guessed it.
        using var right = await stranger.Http.GetAsync(await console.SignInAddressAsync(), Token);
        Assert.Equal(HttpStatusCode.TooManyRequests, right.StatusCode);
    }

    [Fact]
    public async Task Whoever_signs_out_is_out()
    {
        await using var centre = await CallCentre.OpenAsync(servers);
        var console = await centre.StartConsoleAsync();
        using var admin = await console.SignInAsync();

        await admin.VisitAsync(chromium, async visit =>
        {
            await visit.OpenAsync("/");
            await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
            await Assertions.Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "You are signed out" })).ToBeVisibleAsync();
            await visit.OpenAsync("/", HttpStatusCode.Unauthorized);
        });
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
