using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using VoiceWorker.WebConsole.Acts;

namespace VoiceWorker.Tests.Unit.WebConsole;

/// <summary>Who reaches the console, as whom he counts, and where he is led.</summary>
public sealed class ReachTests
{
    private const int AttemptsInAMinute = 10;

    [Theory]
    [InlineData("", HttpStatusCode.TooManyRequests)]
    [InlineData("10.0.0.0/8", HttpStatusCode.TooManyRequests)]
    [InlineData("127.0.0.1", HttpStatusCode.Unauthorized)]
    public async Task Attempts_count_for_the_address_that_a_named_proxy_tells(string proxy, HttpStatusCode last)
    {
        await using var console = await ConsoleHere.StartAsync(proxy.Length == 0 ? [] : [$"--Console:TrustedProxies:0={proxy}"]);
        var status = HttpStatusCode.OK;

        for (var attempt = 0; attempt <= AttemptsInAMinute; attempt++)
            status = await TryAsync($"192.0.2.{attempt}");

        Assert.Equal(last, status);
        for (var attempt = 0; attempt <= AttemptsInAMinute; attempt++)
            status = await TryAsync("192.0.2.200");
        Assert.Equal(HttpStatusCode.TooManyRequests, status);

        async Task<HttpStatusCode> TryAsync(string from)
        {
            using var answer = await console.GetAsync("/login?token=wrong", ("X-Forwarded-For", from));
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Only_hosts_that_are_named_are_answered()
    {
        await using var console = await ConsoleHere.StartAsync("--Console:Hosts:0=voice.example");

        foreach (var (host, isNamed) in new[]
        {
            ("voice.example", true), ("VOICE.example:8081", true), ("localhost", true), ("other.example", false), ("sub.voice.example", false),
        })
        {
            using var answer = await console.GetAsync("/", ("Host", host));
            Assert.Equal((host, isNamed ? HttpStatusCode.Unauthorized : HttpStatusCode.BadRequest), (host, answer.StatusCode));
        }
    }

    [Fact]
    public async Task A_page_that_fails_forbids_what_every_other_does()
    {
        await using var console = await ConsoleHere.StartAsync(
            host => host.MapGet("/fails", string () => throw new InvalidOperationException("a page fails")).AllowAnonymous());

        using var fails = await console.GetAsync("/fails");
        using var works = await console.GetAsync("/signed-out");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (fails.StatusCode, works.StatusCode));
        Assert.True(fails.Headers.CacheControl?.NoStore);
        foreach (var name in new[]
        {
            "Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy",
            "Cross-Origin-Resource-Policy",
        })
            Assert.Equal(works.Headers.GetValues(name), fails.Headers.TryGetValues(name, out var given) ? given : [$"no {name}"]);
    }

    [Theory]
    [InlineData("/acts", "/acts")]
    [InlineData("/audit?stream=operators&job=1", "/audit?stream=operators&job=1")]
    [InlineData("", "/")]
    [InlineData("acts", "/")]
    [InlineData("~/acts", "/")]
    [InlineData("//other.example", "/")]
    [InlineData("/\\other.example", "/")]
    [InlineData("\\\\other.example", "/")]
    [InlineData("/\t/other.example", "/")]
    [InlineData("/\r\nLocation: //other.example", "/")]
    [InlineData("https://other.example", "/")]
    [InlineData("javascript:alert(1)", "/")]
    public void An_act_leads_back_to_a_page_of_this_console_alone(string asked, string page)
    {
        var http = new DefaultHttpContext();
        var form = new FormCollection(new() { [Asked.Return] = asked });

        Assert.Equal(page, new Asked(http, form, http.RequestServices).Page);
    }
}
