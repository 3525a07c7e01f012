using System.Net;
using Microsoft.Playwright;
using Xunit;

namespace VoiceWorker.Tests.Browser.Security;

/// <summary>Signing in where a provider of OpenID Connect says who somebody is.</summary>
[Collection(typeof(AtSharedConsole))]
public sealed class ProviderTests(SharedConsole shared, Chromium chromium)
{
    [Theory]
    [InlineData("Vera", "voice-viewer", "(viewer)")]
    [InlineData("Otto", "unknown voice-viewer voice-operator", "(operator)")]
    [InlineData("Ada", "voice-admin", "(admin)")]
    public Task Whoever_the_provider_gives_a_role_is_signed_in(string name, string roles, string shown) => AtProviderAsync(async visit =>
    {
        await SignInAsync(visit.Page, name, roles);

        await Assertions.Expect(visit.Page).ToHaveURLAsync(visit.Address.ToString());
        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Banner)).ToContainTextAsync($"{name} {shown}");
        var cookie = Assert.Single(await visit.Page.Context.CookiesAsync([visit.Address.ToString()]), one => one.Name == "voice-worker-console");
        Assert.Equal((true, SameSiteAttribute.Strict), (cookie.HttpOnly, cookie.SameSite));
    });

    [Fact]
    public Task Whoever_it_gives_none_is_told_so() => AtProviderAsync(async visit =>
    {
        visit.Expect("answer: 403 to GET");
        await SignInAsync(visit.Page, "Norma", "some-other-role");

        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "You may not do that" })).ToBeVisibleAsync();
        await Assertions.Expect(visit.Page.GetByText("Norma")).ToContainTextAsync("gives no role");
        Assert.Empty(await visit.FindBarriersAsync());
    });

    [Fact]
    public Task The_code_is_asked_for_with_a_proof_and_signing_out_leads_back_to_the_provider() => AtProviderAsync(async visit =>
    {
        Assert.Contains("response_type=code", visit.Page.Url, StringComparison.Ordinal);
        Assert.Contains("code_challenge_method=S256", visit.Page.Url, StringComparison.Ordinal);
        await SignInAsync(visit.Page, "Vera", "voice-viewer");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "You are signed out" })).ToBeVisibleAsync();

        await visit.Page.GotoAsync(visit.Address.ToString());
        await Assertions.Expect(visit.Page.GetByLabel("Name")).ToBeVisibleAsync();
    });

    [Theory]
    [InlineData("/signin-oidc?code=stolen&state=made-up")]
    [InlineData("/signin-oidc")]
    public async Task An_answer_that_nobody_asked_for_signs_nobody_in(string address)
    {
        using var stranger = new Person(shared.Provided.Address);

        using var answer = await stranger.Http.GetAsync(address, Token);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.DoesNotContain("voice-worker-console", string.Join(' ', answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : []), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Consoles_of_one_database_know_whom_another_has_signed_in()
    {
        using var page = await shared.Admin.Http.GetAsync(shared.Provided.Address, Token);
        Assert.Contains("(admin)", await page.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);

        // A form of one is as good at the other; that there is no such job is said by what comes after.
        using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", await shared.Admin.FormTokenAsync()), new("job", "none")]);
        using var answer = await shared.Admin.Http.PostAsync(new Uri(shared.Provided.Address, "/do/interrupt"), form, Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_token_of_the_output_signs_nobody_in_beside_a_provider()
    {
        using var stranger = new Person(shared.Provided.Address);

        Assert.DoesNotContain(shared.Provided.Process.Output, line => line.Contains("token=", StringComparison.Ordinal));
        using var answer = await stranger.Http.GetAsync("/login?token=x", Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_script_or_a_form_is_not_led_to_another_site()
    {
        using var stranger = new Person(shared.Provided.Address);
        using var live = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "X-Live", "1" } } };

        using var data = await stranger.Http.SendAsync(live, Token);
        using var form = await stranger.Http.PostAsync("/do/interrupt", new FormUrlEncodedContent([]), Token);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (data.StatusCode, form.StatusCode));
    }

    private Task AtProviderAsync(Func<Visit, Task> act) => Visit.RunAsync(chromium.Browser, shared.Provided.Address, [], async visit =>
    {
        await visit.Page.GotoAsync(visit.Address.ToString());
        await act(visit);
    });

    private static async Task SignInAsync(IPage page, string name, string roles)
    {
        await page.GetByLabel("Name").FillAsync(name);
        await page.GetByLabel("Roles").FillAsync(roles);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
