using System.Net;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Browser.Security;

/// <summary>A console with the rights of voice_console of docs/roles.sql: it sees everything, and does what is RabbitMQ's.</summary>
public sealed class DatabaseRoleTests(TestServers servers)
{
    private readonly string _role = $"voice_console_{Guid.NewGuid():N}";

    [Fact]
    public Task Every_page_can_be_read() => AtConsoleAsync(async (_, admin) =>
    {
        var pages = await ConsoleMap.FollowAsync(admin, "/dead-letters?page=1");

        Assert.Empty(ConsoleMap.Pages.Except(pages.Select(page => ConsoleMap.PatternOf(page)!)));
        foreach (var page in pages.Where(page => page.Split('?')[0] != "/schema"))
        {
            var html = await admin.ReadAsync(page);
            Assert.False(html.Contains("permission denied", StringComparison.Ordinal) || html.Contains("cannot be", StringComparison.Ordinal), $"{page}: {html}");
        }
    });

    [Fact]
    public Task Dead_letters_are_replayed_and_discarded_and_the_acts_recorded() => AtConsoleAsync(async (centre, admin) =>
    {
        Assert.Contains("Sent 1, came back 1", await DoAsync(admin, "/do/dead-letters/replay", ("limit", "1")), StringComparison.Ordinal);
        await Traffic.LieAsync(centre.Broker, 3);
        var letters = await LettersAsync(admin, 3);
        Assert.Contains(
            "Discarded 3", await DoAsync(admin, "/do/dead-letters/discard", ("count", "3"), ("mark", letters)), StringComparison.Ordinal);

        Assert.Equal(0, await Traffic.CountAsync(centre.Broker));
        Assert.Equal(2, await centre.Database.ScalarAsync<long>(
            $"SELECT count(*) FROM voice.operator_action WHERE operator LIKE 'db:{_role} as %'"));
    });

    [Theory]
    [InlineData("/do/pause", "queue", "call-started", "voice.queue_pause", "INSERT, DELETE ON voice.queue_pause")]
    [InlineData("/do/drain", "worker", null, "voice.worker", "UPDATE (is_draining) ON voice.worker")]
    public Task An_act_that_needs_more_is_refused_until_it_is_given(string act, string field, string? value, string table, string right) =>
        AtConsoleAsync(async (centre, admin) =>
        {
            value ??= await centre.Database.ScalarAsync<string>("SELECT worker_id::text FROM voice.worker LIMIT 1");

            var refused = await DoAsync(admin, act, (field, value));
            Assert.Contains($"permission denied for table {table.Split('.')[1]}", refused, StringComparison.Ordinal);
            Assert.Contains("docs/roles.sql has the GRANT for it", refused, StringComparison.Ordinal);

            // As the file says that it can be given.
            await centre.Database.ExecuteAsync($"GRANT {right} TO {_role}");
            Assert.DoesNotContain("permission denied", await DoAsync(admin, act, (field, value)), StringComparison.Ordinal);
        });

    [Fact]
    public Task A_voice_is_not_set() => AtConsoleAsync(async (centre, admin) =>
    {
        var refused = await DoAsync(admin, "/do/voice/set", ("business", "2"), ("voice", "echo"));

        Assert.Contains("permission denied", refused, StringComparison.Ordinal);
        Assert.Contains("docs/roles.sql has the GRANT for it", refused, StringComparison.Ordinal);
        Assert.NotEqual("echo", await centre.Database.ScalarAsync<string>("SELECT coalesce(voice_id, '') FROM business WHERE id = 2"));
    });

    private async Task AtConsoleAsync(Func<CallCentre, Person, Task> act)
    {
        await using var centre = await CallCentre.OpenAsync(servers);
        try
        {
            var rights = await centre.Database.AddConsoleAsync(_role);
            await centre.StartWorkerAsync();
            var console = await centre.StartConsoleAsync($"--ConnectionStrings:Postgres={rights}");
            using var admin = await console.SignInAsync();
            await Traffic.CallAsync(centre.Broker, 3);
            await Traffic.ChangeAsync(centre.Broker, 3);
            await Traffic.PoisonAsync(centre.Broker, 3);
            await LettersAsync(admin, 3);
            await act(centre, admin);
        }
        finally
        {
            await centre.Database.ExecuteAsync($"DROP OWNED BY {_role}; DROP ROLE {_role}");
        }
    }

    // What a discard has to name: that exactly these are meant.
    private static async Task<string> LettersAsync(Person admin, int count)
    {
        var html = "";
        var isRead = await Polling.UntilAsync(
            async _ => (html = await admin.ReadAsync("/dead-letters")).Contains($"{count} letters, read at", StringComparison.Ordinal),
            Waits.Longest, Token);
        Assert.True(isRead, html);
        return html.Split("name=\"mark\" value=\"")[1].Split('"')[0];
    }

    // The page that tells what became of it, when it is over.
    private static async Task<string> DoAsync(Person admin, string act, params (string Field, string Value)[] fields)
    {
        using var answer = await admin.PostAsync(act, fields.ToDictionary(one => one.Field, one => one.Value));
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        var html = "";
        var isOver = await Polling.UntilAsync(
            async _ => !(html = WebUtility.HtmlDecode(await admin.ReadAsync(answer.Headers.Location!.ToString()))).Contains("<progress", StringComparison.Ordinal),
            Waits.Longest, Token);
        Assert.True(isOver, html);
        return html;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
