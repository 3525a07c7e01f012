using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using VoiceWorker.WebConsole.Access;
using VoiceWorker.WebConsole.Acts;

namespace VoiceWorker.Tests.Unit.WebConsole;

/// <summary>The cookies of somebody who is signed in, and how long they are good.</summary>
public sealed class SessionTests
{
    private const string SignedIn = "voice-worker-console";
    private const string Form = "voice-worker-form";

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.0.0.0/8", true)]
    [InlineData("10.0.0.0/8", false)]
    [InlineData(null, false)]
    public async Task Cookies_stay_with_https_where_a_named_proxy_ends_it(string? proxy, bool isSecure)
    {
        await using var console = await ConsoleHere.StartAsync(proxy is null ? [] : [$"--Console:TrustedProxies:0={proxy}"]);

        using var signedIn = await console.GetAsync(console.SignInAddress, ("X-Forwarded-Proto", "https"));
        using var page = await console.GetAsync("/", ("X-Forwarded-Proto", "https"), ("Cookie", console.CookieOf("anna", Roles.Admin)));

        foreach (var cookie in new[] { ConsoleHere.CookieIn(signedIn, SignedIn), ConsoleHere.CookieIn(page, Form) })
        {
            Assert.Contains("; samesite=strict", cookie, StringComparison.Ordinal);
            Assert.Contains("; httponly", cookie, StringComparison.Ordinal);
            Assert.Equal(isSecure, cookie.Contains("; secure", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_session_lasts_as_long_as_it_is_used_and_then_as_it_is_set()
    {
        await using var console = await ConsoleHere.StartAsync("--Console:Session=00:30:00");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        console.Session.TimeProvider = time;
        using var answer = await console.GetAsync(console.SignInAddress);
        var first = ConsoleHere.CookieIn(answer, SignedIn);

        time.Advance(TimeSpan.FromMinutes(20));
        using var used = await console.GetAsync("/", ("Cookie", first));
        var renewed = ConsoleHere.CookieIn(used, SignedIn);
        time.Advance(TimeSpan.FromMinutes(20));

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await StatusAsync(first), await StatusAsync(renewed)));
        time.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(renewed));

        async Task<HttpStatusCode> StatusAsync(string cookie)
        {
            using var page = await console.GetAsync("/", ("Cookie", cookie));
            return page.StatusCode;
        }
    }

    [Fact]
    public async Task A_job_is_ended_by_whoever_began_it_or_by_an_admin()
    {
        await using var console = await ConsoleHere.StartAsync();
        var board = console.Services.GetRequiredService<JobBoard>();
        var (first, second) = (board.StartAsync("Replay", "otto", EndlessAsync), board.StartAsync("Replay", "otto", EndlessAsync));
        var (own, his) = (await first, await second);

        Assert.Equal(HttpStatusCode.Forbidden, await InterruptAsync(his, "olga", Roles.Operator));
        Assert.False(his.Interruption.IsCancellationRequested);
        Assert.Equal(HttpStatusCode.Redirect, await InterruptAsync(own, "otto", Roles.Operator));
        Assert.Equal(HttpStatusCode.Redirect, await InterruptAsync(his, "anna", Roles.Admin));
        Assert.Equal((true, true), (own.Interruption.IsCancellationRequested, his.Interruption.IsCancellationRequested));

        async Task<HttpStatusCode> InterruptAsync(Job job, string name, string role)
        {
            using var answer = await console.PostAsync("/do/interrupt", console.CookieOf(name, role), ("job", $"{job.Id}"));
            return answer.StatusCode;
        }
    }

    private static async Task<JobResult> EndlessAsync(Job job)
    {
        await Task.Delay(Timeout.Infinite, job.Interruption);
        throw new InvalidOperationException("it has no end");
    }
}
