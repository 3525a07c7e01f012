using System.Text.Json.Nodes;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Operators;

/// <summary><c>voice list</c>: which businesses, and what their calls get. It runs as the role of the worker.</summary>
public sealed class VoiceListTests(TestServers servers) : IAsyncLifetime
{
    private LegacyDatabase Database { get; set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Database = await servers.Migrated.CopyAsync();
        await Database.ExecuteAsync("""
            TRUNCATE business RESTART IDENTITY CASCADE;
            ALTER TABLE business ALTER voice_id DROP NOT NULL;
            INSERT INTO business (name, voice_id)
            SELECT 'One', voice FROM unnest(ARRAY['sage', ' SAGE ', NULL, ' ', E'ro\tbot', 'ash']) AS voice
            """);
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    [Fact]
    public async Task Each_business_is_shown_with_what_its_calls_get_and_why()
    {
        var (code, output) = await VerbUnderTest.RunAsync(servers, Database, "voice", "list");

        Assert.Equal(0, code);
        Assert.Equal(
            [
                "BUSINESS STORED CALLS GET BECAUSE OF", "1 sage sage businessVoice", "2 SAGE sage businessVoice",
                "3 none ash noVoice", "4 ash noVoice", """5 ro\u0009bot ash unsupportedVoice""", "6 ash ash businessVoice",
            ],
            output.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
    }

    [Theory]
    [InlineData("1 2", "--voice", "Sage")]
    [InlineData("3 4 5", "--default")]
    [InlineData("1 2 3 4 5", "--default", "--Voices:Available:0=ash")]
    [InlineData("2", "--business", "2")]
    [InlineData("", "--business", "2", "--default")]
    [InlineData("", "--business", "7")]
    [InlineData("1 2 3 4 5 6", "--limit", "0")]
    public async Task Those_are_shown_for_which_all_holds(string expected, params string[] which)
    {
        var (code, json) = await JsonAsync(which);

        Assert.Equal(0, code);
        Assert.Equal(expected, string.Join(' ', json.Select(one => (int)one!["businessId"]!)));
    }

    [Fact]
    public async Task What_is_left_out_is_said_and_no_fit_is_said()
    {
        var part = await VerbUnderTest.RunAsync(servers, Database, "voice", "list", "--limit", "1");
        var none = await VerbUnderTest.RunAsync(servers, Database, "voice", "list", "--voice", "coral");

        Assert.Contains("These are the first 1 of 6; --limit 0 shows all.", part.Output, StringComparison.Ordinal);
        Assert.Equal((0, "No business fits."), none);
    }

    [Fact]
    public async Task The_fields_of_a_business()
    {
        var (_, json) = await JsonAsync("--business", "3");

        Assert.Equal(
            """[{"businessId":3,"storedVoiceId":null,"voiceId":"ash","source":"default","reason":"noVoice"}]""",
            json.ToJsonString());
    }

    [Fact]
    public async Task A_business_whose_voice_is_not_what_is_recorded_is_told_when_it_is_asked_for()
    {
        await Database.ExecuteAsync("""
            INSERT INTO voice.business_voice_change (business_id, changed_at, voice_id, outcome, event_id, decided_at)
            VALUES (1, '2026-01-31T09:00:00Z', 'sage', 'updated', '00000000-0000-7000-8000-000000000001', '2026-01-31T09:00:01Z'),
                   (6, '2026-01-31T09:00:00Z', 'coral', 'updated', '00000000-0000-7000-8000-000000000002', '2026-01-31T09:00:01Z'),
                   (6, '2026-01-31T09:01:00Z', 'verse', 'superseded', '00000000-0000-7000-8000-000000000003', '2026-01-31T09:02:00Z')
            """);

        var (_, json) = await JsonAsync("--business", "6");
        var (_, told) = await VerbUnderTest.RunAsync(servers, Database, "voice", "list", "--business", "6");
        var (_, same) = await JsonAsync("--business", "1");

        Assert.Equal(
            """{"recordedVoiceId":"coral","changedAt":"2026-01-31T09:00:00.000000Z","eventId":"00000000-0000-7000-8000-000000000002"}""",
            json[0]!["outside"]!.ToJsonString());
        Assert.Contains("business 6 has the voice ash, and the last recorded change, of 2026-01-31T09:00:00.000000Z, left coral", told, StringComparison.Ordinal);
        Assert.Null(same[0]!["outside"]);
    }

    [Fact]
    public async Task A_policy_that_hides_businesses_is_named_instead_of_a_list_without_them()
    {
        await Database.ExecuteAsync("""
            ALTER TABLE business ENABLE ROW LEVEL SECURITY;
            CREATE POLICY tenant ON business USING (id = 1)
            """);

        var (code, output) = await VerbUnderTest.RunAsync(servers, Database, "voice", "list");

        Assert.Equal(3, code);
        Assert.Contains("row", output, StringComparison.Ordinal);
    }

    private async Task<(int Code, JsonArray Json)> JsonAsync(params string[] which)
    {
        var (code, json) = await VerbUnderTest.ReadAsync(servers, Database, ["voice", "list", .. which]);
        return (code, json.AsArray());
    }
}
