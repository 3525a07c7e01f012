using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Persistence.Calls;
using Xunit;

namespace VoiceWorker.Tests.Integration.Calls;

/// <summary>Who decides a call, when several try.</summary>
public sealed class CallVoiceTableTests(TestServers servers)
{
    [Fact]
    public async Task A_call_that_another_worker_records_meanwhile_has_the_decision_of_that_worker()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await using var first = await database.OpenAsync();
        await using var second = await database.OpenAsync();
        await using var winning = await first.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var losing = await second.BeginTransactionAsync(TestContext.Current.CancellationToken);

        await CallVoiceTable.RecordAsync(first, [Decided("CA-1", "coral")], TestContext.Current.CancellationToken);
        var waiting = CallVoiceTable.RecordAsync(
            second, [Decided("CA-1", "echo"), Decided("CA-2", "echo")], TestContext.Current.CancellationToken);
        Assert.True(await Polling.UntilAsync(
            _ => database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"),
            Waits.Longest, TestContext.Current.CancellationToken));
        await winning.CommitAsync(TestContext.Current.CancellationToken);
        var recorded = await waiting;
        await losing.CommitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(("coral", "echo"), (recorded["CA-1"].VoiceId, recorded["CA-2"].VoiceId));
        Assert.Equal(2, await database.ScalarAsync<long>("SELECT count(*) FROM voice.outbox WHERE type = 'CallVoiceResolved'"));
    }

    [Fact]
    public async Task A_call_that_was_recorded_before_keeps_its_decision_and_has_no_second_event()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await using var connection = await database.OpenAsync();

        await CallVoiceTable.RecordAsync(connection, [Decided("CA-1", "coral")], TestContext.Current.CancellationToken);
        var recorded = await CallVoiceTable.RecordAsync(
            connection, [Decided("CA-1", "echo"), Decided("CA-2", "sage")], TestContext.Current.CancellationToken);

        Assert.Equal(("coral", "sage"), (recorded["CA-1"].VoiceId, recorded["CA-2"].VoiceId));
        Assert.Equal(2, await database.ScalarAsync<long>("SELECT count(*) FROM voice.outbox WHERE type = 'CallVoiceResolved'"));
    }

    private static DecidedCall Decided(string callId, string voiceId) => new(
        new CallStarted(callId, 1, DateTimeOffset.UnixEpoch),
        new VoiceDecision(voiceId, VoiceSource.Business, VoiceReason.BusinessVoice, voiceId), DateTimeOffset.UnixEpoch, null);
}
