using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using VoiceWorker.WebConsole;
using VoiceWorker.WebConsole.Access;

namespace VoiceWorker.Tests.Unit.WebConsole;

/// <summary>A console in this process, without its servers: enough for what it decides by itself.</summary>
internal sealed partial class ConsoleHere : IAsyncDisposable
{
    private const string Scheme = CookieAuthenticationDefaults.AuthenticationScheme;

    private readonly WebApplication _console;

    private ConsoleHere(WebApplication console)
    {
        _console = console;
        Http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new(console.Urls.First()) };
    }

    /// <summary>Keeps no cookie and follows no redirect.</summary>
    public HttpClient Http { get; }

    public IServiceProvider Services => _console.Services;

    /// <summary>Of the sign-in, as handlers of requests see them.</summary>
    public CookieAuthenticationOptions Session => Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(Scheme);

    /// <summary>Path and query of the next sign-in.</summary>
    public string SignInAddress => new Uri(Services.GetRequiredService<ConsoleAddress>().Link).PathAndQuery;

    public static Task<ConsoleHere> StartAsync(params string[] settings) => StartAsync(_ => { }, settings);

    /// <summary>With an address more.</summary>
    public static async Task<ConsoleHere> StartAsync(Action<WebApplication> map, params string[] settings)
    {
        var console = ConsoleHost.Build(
        [
            "--ConnectionStrings:Postgres=Host=127.0.0.1;Port=1;Database=app;Username=worker", "--ConnectionStrings:RabbitMq=amqp://127.0.0.1:1",
            "--Console:Urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None", "--Logging:LogLevel:VoiceWorker=None",
            "--Logging:LogLevel:Microsoft=None", "--Logging:LogLevel:Microsoft.AspNetCore=None", .. settings,
        ]);
        map(console);
        await console.StartAsync(Token);
        return new ConsoleHere(console);
    }

    /// <summary>The cookie of somebody who is signed in.</summary>
    public string CookieOf(string name, string role) =>
        $"{Session.Cookie.Name}={Session.TicketDataFormat.Protect(new AuthenticationTicket(Roles.Person(name, role, Scheme), Scheme))}";

    public Task<HttpResponseMessage> GetAsync(string address, params (string Name, string Value)[] headers) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, address), headers);

    /// <summary>Sends a form as one of the pages would.</summary>
    public async Task<HttpResponseMessage> PostAsync(string address, string cookie, params (string Name, string Value)[] fields)
    {
        using var page = await GetAsync("/", ("Cookie", cookie));
        var token = FormToken().Match(await page.Content.ReadAsStringAsync(Token)).Groups[1].Value;
        return await SendAsync(
            new HttpRequestMessage(HttpMethod.Post, address)
            {
                Content = new FormUrlEncodedContent([.. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)), new("__RequestVerificationToken", token)]),
            },
            [("Cookie", $"{cookie}; {CookieIn(page, "voice-worker-form").Split(';')[0]}")]);
    }

    /// <summary>A cookie that an answer sets, with all that is said of it, in small letters but for its value.</summary>
    public static string CookieIn(HttpResponseMessage answer, string name) =>
        answer.Headers.GetValues("Set-Cookie").Single(cookie => cookie.StartsWith($"{name}=", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _console.DisposeAsync();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, IEnumerable<(string Name, string Value)> headers)
    {
        using (request)
        {
            foreach (var (name, value) in headers)
                request.Headers.TryAddWithoutValidation(name, value);
            return await Http.SendAsync(request, Token);
        }
    }

    [GeneratedRegex("""name="__RequestVerificationToken" value="([^"]+)""")]
    private static partial Regex FormToken();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
