using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Integration.Verbs;
using Xunit;

namespace VoiceWorker.Tests.Integration.Direct;

/// <summary>A worker beside an application that writes its table itself: told afterwards, or recorded at once.</summary>
public sealed class DirectWorkerTests(TestServers servers)
{
    [Fact]
    public async Task Reported_the_difference_is_named_everywhere_until_the_next_change_tells_it()
    {
        await using var worker = await RunningWorker.StartAsync(servers);
        await using var shop = await Application.CreateAsync(worker.Database);
        await ChangeAsync(worker, "sage", "2026-01-31T09:30:00Z");
        await worker.Audit.OfBusinessAsync(7, 1);

        await shop.ExecuteAsync("UPDATE business SET voice_id = 'marin' WHERE id IN (7, 8)");

        var (code, output) = await VerbUnderTest.RunAsync(servers, worker.Database, "audit", "verify");
        Assert.Equal(9, code);
        Assert.Contains("voiceDiffers: business 7 has the voice marin, and the change of business 7 to sage at", output, StringComparison.Ordinal);
        Assert.Contains("0 in the outbox: 1 difference", output, StringComparison.Ordinal);
        var (_, status) = await VerbUnderTest.ReadAsync(servers, worker.Database, "status");
        Assert.Equal(
            """{"direct":"Report","outside":1,"complete":true,"businesses":[{"businessId":7,"stored":"marin","recorded":"sage"}]}""",
            status["postgres"]!["changes"]!.ToJsonString());
        Assert.Contains("1 voice: 7 has marin, recorded sage", (await VerbUnderTest.RunAsync(servers, worker.Database, "status")).Output, StringComparison.Ordinal);
        var (_, doctor) = await VerbUnderTest.ReadAsync(servers, worker.Database, "doctor");
        var finding = doctor["findings"]!.AsArray().Single(one => (string?)one!["check"] == "postgres.voices")!;
        Assert.Equal(
            ("warning", "1 business has another voice than the last recorded change left: 7 has marin, recorded sage"),
            ((string?)finding["level"], (string?)finding["text"]));

        await ChangeAsync(worker, "echo", "2026-01-31T09:29:00Z");
        await ChangeAsync(worker, "verse", "2026-01-31T09:31:00Z");
        var events = await worker.Audit.OfBusinessAsync(7, 3);

        Assert.Equal(
            ["ash sage -", "- echo true", "marin verse true"],
            events.Select(one => string.Join(' ', TextOf(one, "previousVoiceId"), one.Field("voiceId"), TextOf(one, "changedOutside"))));
        Assert.Equal(0, (await VerbUnderTest.RunAsync(servers, worker.Database, "audit", "verify")).Code);
    }

    [Fact]
    public async Task Captured_each_change_is_one_event_in_order_and_a_late_message_changes_nothing()
    {
        await using var worker = await RunningWorker.StartAsync(servers);
        await Application.MigrateAsync(worker.Database);
        await using var shop = await Application.CreateAsync(worker.Database);
        await ChangeAsync(worker, "sage", "2026-01-31T09:30:00Z");
        await worker.Audit.OfBusinessAsync(7, 1);

        await shop.ExecuteAsync("UPDATE business SET voice_id = 'marin' WHERE id = 7");
        await shop.ExecuteAsync("BEGIN; SET LOCAL voice.changed_by = 'user:7'; UPDATE business SET voice_id = 'nova' WHERE id = 7; COMMIT");
        await shop.ExecuteAsync("INSERT INTO business (id, name, voice_id) VALUES (999, 'new', 'coral')");
        await worker.Audit.OfBusinessAsync(7, 3);
        await ChangeAsync(worker, "echo", "2026-01-31T09:31:00Z");
        var events = await worker.Audit.OfBusinessAsync(7, 4);

        Assert.Equal(
            ["1 ash sage amy", $"2 sage marin db:{shop.Role}", "3 marin nova user:7", "4 - echo amy"],
            events.Select(one => string.Join(' ', one.Field("sequence"), TextOf(one, "previousVoiceId"), one.Field("voiceId"), one.Field("changedBy"))));
        Assert.Equal("superseded", events[3].Field("reason"));
        Assert.Equal("coral", (await worker.Audit.OfBusinessAsync(999, 1))[0].Field("voiceId"));
        Assert.All(events, one => Assert.Equal("-", TextOf(one, "changedOutside")));
        Assert.Contains(": 0 differences", (await VerbUnderTest.RunAsync(servers, worker.Database, "audit", "verify")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, 1_000)]
    [FullRunData(1_000, 10_000)]
    public async Task Whoever_writes_when_every_change_is_told_once_and_the_last_by_the_rule_is_stored(int updates, int messages)
    {
        await using var worker = await RunningWorker.StartUnboundAsync(servers, "--Audit:Unrouted=Skip");
        await Application.MigrateAsync(worker.Database);
        await using var shop = await Application.CreateAsync(worker.Database);

        var writing = Enumerable.Range(0, 8).Select(n => Storm.UpdateAsync(shop, updates / 8, seed: n)).ToList();
        await Storm.PublishAsync(worker.Broker, messages);
        var direct = (await Task.WhenAll(writing)).Sum();

        Assert.True(await Polling.UntilAsync(
            async _ => await worker.Database.ScalarAsync<long>("SELECT count(*) FROM voice.business_voice_change") == messages + direct
                && await worker.Database.ScalarAsync<long>("SELECT count(*) FROM voice.outbox") == 0,
            TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken));
        Assert.Equal((long)direct, await worker.Database.ScalarAsync<long>(
            $"SELECT count(*) FROM voice_audit.mt_events WHERE data->>'changedBy' = 'db:{shop.Role}' AND type = 'business_voice_updated'"));
        Assert.Equal(messages + direct, await worker.Database.ScalarAsync<long>(
            "SELECT count(DISTINCT id) FROM voice_audit.mt_events WHERE stream_id NOT IN ('schema', 'seals') AND NOT data ? 'changedOutside'"));
        Assert.Equal(Storm.Businesses, await worker.Database.ScalarAsync<long>("""
            SELECT count(*) FROM business JOIN (
                SELECT DISTINCT ON (business_id) business_id, voice_id FROM voice.business_voice_change WHERE outcome = 'updated'
                ORDER BY business_id, least(changed_at, decided_at) DESC, voice_id DESC) AS last
            ON last.business_id = id AND last.voice_id = business.voice_id
            """));
        Assert.Contains(": 0 differences", (await VerbUnderTest.RunAsync(servers, worker.Database, "audit", "verify")).Output, StringComparison.Ordinal);
    }

    private static string TextOf(Delivery one, string field) =>
        one.Field(field) is { Length: > 0 } text ? text : "-";

    private static Task ChangeAsync(RunningWorker worker, string voiceId, string changedAt) => worker.Broker.PublishAsync(
        Exchanges.BusinessVoiceChanged,
        $$"""{"businessId":7,"voiceId":"{{voiceId}}","changedAt":"{{changedAt}}","changedBy":"amy"}""");
}
