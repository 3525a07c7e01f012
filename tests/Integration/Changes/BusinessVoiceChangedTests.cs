using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.Integration.Changes;

[Collection(WorkerFixture.Shared)]
public sealed class BusinessVoiceChangedTests(WorkerFixture worker)
{
    [Fact]
    public async Task Of_two_changes_out_of_order_the_later_stands_and_the_older_is_superseded()
    {
        var businessId = worker.NextBusiness();

        await PublishAsync(businessId, "Coral ", "2026-01-31T09:30:02Z");
        var made = (await worker.Audit.OfBusinessAsync(businessId, 1))[0];
        await PublishAsync(businessId, "nova", "2026-01-31T10:30:01+01:00");
        var late = (await worker.Audit.OfBusinessAsync(businessId, 2))[1];

        Assert.Equal("BusinessVoiceUpdated", made.Properties.Type);
        Assert.Equal(("ash", "coral", "amy"), (made.Field("previousVoiceId"), made.Field("voiceId"), made.Field("changedBy")));
        Assert.Equal("BusinessVoiceChangeRejected", late.Properties.Type);
        Assert.Equal(("nova", "superseded", "2"), (late.Field("voiceId"), late.Field("reason"), late.Field("sequence")));
        Assert.Equal("coral", await StoredVoiceAsync(businessId));
    }

    [Fact]
    public async Task A_repeated_change_has_one_effect_and_one_event()
    {
        var businessId = worker.NextBusiness();

        foreach (var voice in new[] { "coral", "CORAL", " coral" })
            await PublishAsync(businessId, voice, "2026-01-31T09:30:00Z");
        await worker.Audit.OfBusinessAsync(businessId, 1);
        await PublishAsync(businessId, "nova", "2026-02-01T00:00:00Z");
        await worker.Audit.OfBusinessAsync(businessId, 2);
        await PublishAsync(businessId, "coral", "2026-01-31T09:30:00Z");
        await PublishAsync(businessId, "sage", "2026-02-02T00:00:00Z");
        var events = await worker.Audit.OfBusinessAsync(businessId, 3);

        Assert.Equal(["coral", "nova", "sage"], events.Select(e => e.Field("voiceId")));
        Assert.Equal("sage", await StoredVoiceAsync(businessId));
        Assert.Equal(3, await worker.Database.ScalarAsync<long>(
            $"SELECT count(*) FROM voice.business_voice_change WHERE business_id = {businessId}"));
    }

    [Theory]
    [InlineData(4712, "coral", "unknownBusiness")]
    [InlineData(null, "hal9000", "unsupportedVoice")]
    public async Task A_change_that_cannot_be_made_is_audited_once_with_its_reason(int? unknown, string voiceId, string reason)
    {
        var businessId = unknown ?? worker.NextBusiness();

        await PublishAsync(businessId, voiceId, "2026-01-31T09:30:00Z");
        await worker.Audit.OfBusinessAsync(businessId, 1);
        await PublishAsync(businessId, voiceId, "2026-01-31T09:30:00Z");
        await PublishAsync(businessId, voiceId, "2026-01-31T09:30:01Z");
        var events = await worker.Audit.OfBusinessAsync(businessId, 2);

        Assert.All(events, e => Assert.Equal((reason, voiceId), (e.Field("reason"), e.Field("voiceId"))));
        Assert.Equal(["09:30:00", "09:30:01"], events.Select(e => e.Field("changedAt")[11..19]));
    }

    [Fact]
    public async Task A_hundred_changes_of_one_business_in_any_order_end_with_the_latest()
    {
        var businessId = worker.NextBusiness();
        var order = Enumerable.Range(0, 100).ToArray();
        new Random(58).Shuffle(order);
        string[] voices = ["alloy", "coral", "echo", "sage", "verse"];

        foreach (var second in order)
            await PublishAsync(businessId, voices[second % 5], $"2026-01-31T09:{second / 60:00}:{second % 60:00}Z");
        var events = await worker.Audit.OfBusinessAsync(businessId, 100);

        Assert.Equal(Enumerable.Range(1, 100).Select(n => $"{n}"), events.Select(e => e.Field("sequence")));
        Assert.Equal("verse", await StoredVoiceAsync(businessId));
        Assert.Equal("2026-01-31T09:01:39", events.Last(e => e.Properties.Type == "BusinessVoiceUpdated").Field("changedAt")[..19]);
    }

    private Task PublishAsync(int businessId, string voiceId, string changedAt) => worker.Broker.PublishAsync(
        Exchanges.BusinessVoiceChanged,
        $$"""{"businessId":{{businessId}},"voiceId":"{{voiceId}}","changedAt":"{{changedAt}}","changedBy":"amy"}""");

    private Task<string> StoredVoiceAsync(int businessId) =>
        worker.Database.ScalarAsync<string>($"SELECT voice_id FROM business WHERE id = {businessId}");
}
