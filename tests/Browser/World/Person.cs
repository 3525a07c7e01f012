using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;

namespace VoiceWorker.Tests.Browser.World;

/// <summary>Somebody at the console: with a plain HTTP client, or, with the same cookies, in the browser.</summary>
internal sealed partial class Person : IDisposable
{
    private readonly CookieContainer _cookies = new();

    public Person(Uri console)
    {
        Address = console;
        Http = new HttpClient(new HttpClientHandler { CookieContainer = _cookies, AllowAutoRedirect = false }) { BaseAddress = console };
    }

    /// <summary>Follows no redirect.</summary>
    public HttpClient Http { get; }

    private Uri Address { get; }

    /// <summary>Signs in by the address that the console has printed.</summary>
    public async Task<HttpResponseMessage> SignInAsync(Uri printed)
    {
        var answer = await Http.GetAsync(printed, Token);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return answer;
    }

    /// <summary>Signs in where the provider asks who it is.</summary>
    public async Task SignInAsync(string name, params string[] roles)
    {
        using var following = new HttpClient(new HttpClientHandler { CookieContainer = _cookies }) { BaseAddress = Address };
        using var asked = await following.GetAsync("/", Token);
        var who = IdentityProvider.Answer(asked.RequestMessage!.RequestUri!, name, roles);
        using var answer = await following.GetAsync(who, Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    /// <summary>The HTML of a page.</summary>
    public async Task<string> ReadAsync(string path)
    {
        using var answer = await Http.GetAsync(path, Token);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path} answers {answer.StatusCode}");
        return await answer.Content.ReadAsStringAsync(Token);
    }

    /// <summary>Sends a form of the console, by default with the token that its pages have in their forms.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, IReadOnlyDictionary<string, string>? fields = null, bool isForged = false)
    {
        var all = (fields ?? new Dictionary<string, string>()).ToDictionary();
        if (!isForged)
            all["__RequestVerificationToken"] = await FormTokenAsync();
        using var form = new FormUrlEncodedContent(all);
        return await Http.PostAsync(path, form, Token);
    }

    /// <summary>That of a page's forms.</summary>
    public async Task<string> FormTokenAsync() => FormToken().Match(await ReadAsync("/")).Groups[1].Value;

    /// <summary>Goes to the console with the browser.</summary>
    public Task VisitAsync(Chromium chromium, Func<Visit, Task> act, BrowserNewContextOptions? options = null) =>
        Visit.RunAsync(chromium.Browser, Address, _cookies.GetCookies(Address), act, options);

    public void Dispose() => Http.Dispose();

    [GeneratedRegex("""name="__RequestVerificationToken" value="([^"]+)""")]
    private static partial Regex FormToken();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
