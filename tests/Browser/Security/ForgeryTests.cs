using System.Net;
using Xunit;

namespace VoiceWorker.Tests.Browser.Security;

/// <summary>A form of another site, with the cookies of somebody who is signed in.</summary>
[Collection(typeof(AtSharedConsole))]
public sealed class ForgeryTests(SharedConsole shared)
{
    [Fact]
    public async Task A_form_without_the_token_of_a_page_is_refused_and_does_nothing()
    {
        Assert.Contains("/do/dead-letters/discard", ConsoleMap.Forms);
        Assert.Contains("/logout", ConsoleMap.Forms);
        var before = await Standing.OfAsync(shared);

        foreach (var address in ConsoleMap.Forms)
        {
            using var answer = await shared.Admin.PostAsync(address, Standing.Fields, isForged: true);
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{address} answers {answer.StatusCode}");
        }

        Assert.Equal(before, await Standing.OfAsync(shared));
        // Nor is whoever was signed in signed out.
        Assert.Contains("Overview", await shared.Admin.ReadAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_of_somebody_else_is_as_good_as_none()
    {
        using var other = await shared.Provided.SignInAsync("mallory", "voice-viewer");
        var stolen = await other.FormTokenAsync();

        using var answer = await shared.Admin.PostAsync(
            "/do/dead-letters/replay", new Dictionary<string, string>(Standing.Fields) { ["__RequestVerificationToken"] = stolen }, isForged: true);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }
}
