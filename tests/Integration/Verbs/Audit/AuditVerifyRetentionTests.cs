using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Audit;

/// <summary>What was removed because of its age is not missed, and what is gone besides is found.</summary>
public sealed class AuditVerifyRetentionTests(AgedHistory history, TestServers servers)
    : IClassFixture<AgedHistory>, IAsyncLifetime
{
    private LegacyDatabase Database { get; set; } = null!;

    public async ValueTask InitializeAsync() => Database = await history.CopyAsync();

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    [Fact]
    public async Task After_a_retention_round_there_is_no_difference()
    {
        var (code, output) = await VerbUnderTest.RunAsync(servers, Database, "audit", "verify");

        // The change that stands, the migration and two calls; two events whose decisions are gone, two later ones, and
        // the seal of the worker that found them old.
        Assert.Equal((0, "4 rows, 5 events (1 seal, 0 without a hash) and 0 in the outbox: 0 differences"), (code, output.Split('\n')[0]));
    }

    [Theory]
    [InlineData("DELETE FROM voice.call_voice WHERE call_id = 'CA-6'", "rowMissing: call CA-6 of business 7: the row of event ")]
    [InlineData("DELETE FROM voice_audit.mt_events WHERE data->>'callId' = 'CA-6'",
        "streamEndDiffers: stream business-7 has got 7 events, and the last that is there is 6", "eventMissing: call CA-6 of business 7")]
    [InlineData("DELETE FROM voice_audit.mt_events WHERE stream_id = 'business-7' AND version = 6",
        "sequenceBroken: stream business-7: sequence 6 is missing", "eventMissing: call CA-4 of business 7")]
    [InlineData("DELETE FROM voice_audit.mt_events WHERE stream_id = 'business-7' AND version = 5",
        "removalImplausible: 8 events are gone from the beginnings of streams, and voice.retention has removed 7")]
    [InlineData("DELETE FROM voice_audit.mt_events WHERE stream_id = 'business-8'",
        "removalImplausible: 8 events are gone from the beginnings of streams, and voice.retention has removed 7")]
    [InlineData("DELETE FROM voice.retention", "eventMissing: migration 58_add_business_voice_id", "sequenceBroken: stream business-8: sequence 1 is missing")]
    public async Task What_is_gone_besides_is_told(string deed, params string[] told)
    {
        await Database.ExecuteAsync(deed);

        var (code, output) = await VerbUnderTest.RunAsync(servers, Database, "audit", "verify");

        Assert.Equal(9, code);
        Assert.All(told, part => Assert.Contains(part, output, StringComparison.Ordinal));
    }
}
