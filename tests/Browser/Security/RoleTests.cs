using System.Net;
using Xunit;

namespace VoiceWorker.Tests.Browser.Security;

/// <summary>Who may do what, whatever his pages offer him.</summary>
[Collection(typeof(AtSharedConsole))]
public sealed class RoleTests(SharedConsole shared)
{
    // Whatever is not here is an administrator's.
    private static readonly string[] Operators =
    [
        "/do/interrupt", "/do/dead-letters/replay", "/do/pause", "/do/resume", "/do/drain", "/do/undrain", "/do/audit/verify", "/do/audit/replay",
    ];

    // Refused by every act that is recorded, before it does anything.
    private static readonly Dictionary<string, string> WrongNote = new(Standing.Fields) { ["note"] = "two\nlines" };

    [Fact]
    public async Task A_viewer_is_refused_by_every_act()
    {
        using var viewer = await shared.Provided.SignInAsync("vera", "voice-viewer");
        Assert.Contains("(viewer)", await viewer.ReadAsync("/"), StringComparison.Ordinal);

        await AssertRefusedAsync(viewer, ConsoleMap.Acts);
    }

    [Fact]
    public async Task An_operator_is_refused_by_the_acts_of_administrators_and_not_by_his_own()
    {
        using var person = await shared.Provided.SignInAsync("otto", "voice-operator");

        var own = ConsoleMap.Acts.Intersect(Operators).ToList();
        Assert.NotEmpty(own);
        // A comparison takes no note, and changes nothing.
        foreach (var address in own.Except(["/do/audit/verify"]))
        {
            using var answer = await person.PostAsync(address, WrongNote);
            Assert.True(answer.StatusCode is HttpStatusCode.UnprocessableEntity or HttpStatusCode.NotFound, $"{address} answers {answer.StatusCode}");
        }

        await AssertRefusedAsync(person, [.. ConsoleMap.Acts.Except(Operators)]);
    }

    [Fact]
    public async Task Somebody_without_a_role_is_refused_by_everything_and_told_so()
    {
        using var nobody = await shared.Provided.SignInAsync("norma", "some-other-role");

        await AssertRefusedAsync(nobody, ConsoleMap.Acts, await FormTokenOfAsync("vera"));
        foreach (var page in ConsoleMap.PageAddresses.Append("/live").Append("/files/dead-letters"))
        {
            using var answer = await nobody.Http.GetAsync(page, Token);
            Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{page} answers {answer.StatusCode}");
            Assert.Contains("gives no role", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Whoever_is_not_signed_in_sees_nothing()
    {
        using var stranger = new Person(shared.Printed.Address);

        foreach (var page in ConsoleMap.PageAddresses.Append("/live").Append("/files/dead-letters"))
        {
            using var answer = await stranger.Http.GetAsync(page, Token);
            Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{page} answers {answer.StatusCode}");
        }
    }

    [Fact]
    public async Task A_viewer_sees_no_body_of_a_message_and_an_operator_does()
    {
        using var viewer = await shared.Provided.SignInAsync("vera", "voice-viewer");
        using var another = await shared.Provided.SignInAsync("otto", "voice-operator");
        var pages = await LettersAsync(another);

        Assert.Contains(await ReadAsync(another, pages), html => html.Contains(SharedConsole.Secret, StringComparison.Ordinal));
        Assert.DoesNotContain(await ReadAsync(viewer, pages), html => html.Contains(SharedConsole.Secret, StringComparison.Ordinal));
        Assert.Contains(SharedConsole.Secret, await another.ReadAsync("/files/dead-letters"), StringComparison.Ordinal);
        using var file = await viewer.Http.GetAsync("/files/dead-letters", Token);
        Assert.Equal(HttpStatusCode.Forbidden, file.StatusCode);
    }

    [Fact]
    public async Task A_read_only_console_refuses_every_act_of_an_administrator_too()
    {
        var console = await shared.StartAsync("--Console:ReadOnly=true");
        using var admin = await console.SignInAsync();
        var before = await Standing.OfAsync(shared);

        foreach (var address in ConsoleMap.Acts)
        {
            using var answer = await admin.PostAsync(address, Standing.Fields);
            Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{address} answers {answer.StatusCode}");
            Assert.Contains("Console:ReadOnly", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }

        Assert.Equal(before, await Standing.OfAsync(shared));
        Assert.Contains("read only", await admin.ReadAsync("/"), StringComparison.Ordinal);
    }

    private async Task AssertRefusedAsync(Person person, IReadOnlyList<string> acts, string? token = null)
    {
        Assert.NotEmpty(acts);
        token ??= await person.FormTokenAsync();
        var before = await Standing.OfAsync(shared);
        var done = new List<string>();
        foreach (var address in acts)
        {
            using var answer = await person.PostAsync(
                address, new Dictionary<string, string>(Standing.Fields) { ["__RequestVerificationToken"] = token }, isForged: true);
            if (answer.StatusCode != HttpStatusCode.Forbidden)
                done.Add($"{address} answers {answer.StatusCode}");
        }

        Assert.Empty(done);
        Assert.Equal(before, await Standing.OfAsync(shared));
    }

    // Who may open no page has none of his own; it is not asked for where the role is missing.
    private async Task<string> FormTokenOfAsync(string name)
    {
        using var other = await shared.Provided.SignInAsync(name, "voice-viewer");
        return await other.FormTokenAsync();
    }

    private static async Task<List<string>> LettersAsync(Person reader)
    {
        var html = await reader.ReadAsync("/dead-letters?page=1") + await reader.ReadAsync("/dead-letters?page=2");
        var pages = html.Split('"').Where(part => part.StartsWith("/dead-letters/", StringComparison.Ordinal)).Distinct().ToList();
        Assert.NotEmpty(pages);
        return pages;
    }

    private static async Task<List<string>> ReadAsync(Person reader, IEnumerable<string> pages)
    {
        var read = new List<string>();
        foreach (var page in pages)
            read.Add(await reader.ReadAsync(page));
        return read;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
