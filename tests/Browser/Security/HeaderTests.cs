using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace VoiceWorker.Tests.Browser.Security;

/// <summary>What browsers are told, and where requests may come from.</summary>
[Collection(typeof(AtSharedConsole))]
public sealed partial class HeaderTests(SharedConsole shared)
{
    private static readonly Dictionary<string, string> Expected = new()
    {
        ["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
            + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ["X-Content-Type-Options"] = "nosniff",
        ["X-Frame-Options"] = "DENY",
        ["Referrer-Policy"] = "no-referrer",
        ["Cross-Origin-Opener-Policy"] = "same-origin",
        ["Cross-Origin-Resource-Policy"] = "same-origin",
    };

    [Fact]
    public async Task Every_answer_forbids_what_a_page_does_not_need()
    {
        foreach (var address in await ConsoleMap.FollowAsync(shared.Admin))
            await AssertHeadersAsync(shared.Admin, address, HttpStatusCode.OK);
        using var stranger = new Person(shared.Printed.Address);
        await AssertHeadersAsync(stranger, "/", HttpStatusCode.Unauthorized);
        await AssertHeadersAsync(stranger, "/signed-in", HttpStatusCode.OK);
        await AssertHeadersAsync(stranger, "/signed-out", HttpStatusCode.OK);
        await AssertHeadersAsync(shared.Admin, "/no-such-page", HttpStatusCode.NotFound);
        await AssertHeadersAsync(shared.Admin, "/files/dead-letters", HttpStatusCode.OK);
    }

    [Fact]
    public async Task No_page_has_a_script_or_a_style_in_it()
    {
        foreach (var address in (await ConsoleMap.FollowAsync(shared.Admin)).Append("/signed-in").Append("/signed-out"))
        {
            var html = await shared.Admin.ReadAsync(address);
            Assert.Empty(Inline().Matches(html).Select(found => $"{address}: {found.Value}"));
        }

        using var missing = await shared.Admin.Http.GetAsync("/no-such-page", Token);
        Assert.DoesNotMatch(Inline(), await missing.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Files_of_the_console_are_kept_by_browsers_under_a_name_of_their_content()
    {
        var html = await shared.Admin.ReadAsync("/");
        var assets = Asset().Matches(html).Select(found => found.Value).Distinct().ToList();

        Assert.Equal(3, assets.Count);
        foreach (var address in assets)
        {
            using var answer = await shared.Admin.Http.GetAsync(address, Token);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains("immutable", answer.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.NotEmpty(await answer.Content.ReadAsByteArrayAsync(Token));
        }
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:8081")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("")]
    public async Task A_strange_host_is_refused_whoever_asks(string host)
    {
        foreach (var address in new[] { "/", "/login?token=wrong", "/live", "/assets/0/console.css", "/do/interrupt" })
        {
            using var request = new HttpRequestMessage(address.StartsWith("/do", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get, address);
            request.Headers.TryAddWithoutValidation("Host", host);
            using var answer = await shared.Admin.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{address} answers {answer.StatusCode}");
        }
    }

    private static async Task AssertHeadersAsync(Person person, string address, HttpStatusCode status)
    {
        using var answer = await person.Http.GetAsync(address, Token);
        Assert.Equal((address, status), (address, answer.StatusCode));
        Assert.Empty(from header in Expected
                     let given = answer.Headers.TryGetValues(header.Key, out var values) ? string.Join('|', values) : "missing"
                     where given != header.Value
                     select $"{address} {header.Key}: {given}");
        Assert.True(answer.Headers.CacheControl?.NoStore, address);
        Assert.False(answer.Headers.Contains("Server"));
    }

    [GeneratedRegex("""<script(?![^>]*\ssrc=)[^>]*>|<style|<[^>]+\s(?:style|on[a-z]+)=|(?:href|src|action)="(?:javascript|data|https?):[^"]*""", RegexOptions.IgnoreCase)]
    private static partial Regex Inline();

    [GeneratedRegex("""/assets/[0-9a-f]+/[a-z.]+""")]
    private static partial Regex Asset();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
