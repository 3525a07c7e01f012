using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Audit;

/// <summary>What the verbs make of an event whose type only a newer version knows.</summary>
public sealed class AuditNewerEventTests(RecordedHistory history, TestServers servers)
    : IClassFixture<RecordedHistory>, IAsyncLifetime
{
    private LegacyDatabase Database { get; set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Database = await history.CopyAsync();
        await Database.ExecuteAsync("""
            INSERT INTO voice_audit.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type)
            SELECT nextval('voice_audit.mt_events_sequence'), gen_random_uuid(), id, version + 1,
                   '{"occurredAt": "2026-01-31T09:30:00.000000Z"}', 'call_voice_forgotten', now(), 'VoiceWorker.Contracts.CallVoiceForgotten'
            FROM voice_audit.mt_streams WHERE id = 'business-7';
            UPDATE voice_audit.mt_streams SET version = version + 1 WHERE id = 'business-7';
            """);
        await Database.RenewHashesAsync();
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    [Fact]
    public async Task Verify_has_one_difference_that_names_event_and_type()
    {
        var (code, json) = await VerbUnderTest.ReadAsync(servers, Database, "audit", "verify");

        var difference = Assert.Single(json["differences"]!.AsArray())!;
        Assert.Equal((9, "eventUnreadable", "business-7"), (code, (string?)difference["kind"], (string?)difference["stream"]));
        Assert.Matches(
            @"^event [-0-9a-f]{36} \(business-7, \d+\) is of the type call_voice_forgotten, which this version of the worker does not know",
            (string?)difference["text"]);
    }

    [Theory]
    [InlineData("list")]
    [InlineData("show")]
    public async Task What_reads_it_ends_with_6_and_one_line_that_names_event_and_type(string verb)
    {
        var (code, output) = await VerbUnderTest.RunAsync(servers, Database, "audit", verb, "--business", "7");

        Assert.Equal(6, code);
        Assert.Matches(
            @"(?m)^event [-0-9a-f]{36} \(business-7, \d+\) is of the type call_voice_forgotten, which this version of the worker does not know",
            output);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }
}
