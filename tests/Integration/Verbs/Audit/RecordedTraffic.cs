using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Audit;

/// <summary>Calls and changes that a real worker has recorded, sequenced and published.</summary>
internal static class RecordedTraffic
{
    /// <summary>Two calls and a change of business 7 with a refused one, one call of business 8; five events besides that of the migration.</summary>
    public static async Task RecordAsync(RunningWorker worker)
    {
        foreach (var (callId, businessId) in new[] { ("CA-1", 7), ("CA-2", 7), ("CA-3", 8) })
            await worker.Broker.AskAsync(Exchanges.CallStarted, Wire.Call(callId, businessId));
        await worker.Broker.PublishAsync(Exchanges.BusinessVoiceChanged, Change("coral", 10));
        await worker.Audit.OfBusinessAsync(7, 3);
        await worker.Broker.PublishAsync(Exchanges.BusinessVoiceChanged, Change("sage", 9));
        await worker.Audit.OfBusinessAsync(7, 4);
        await worker.Audit.OfBusinessAsync(8, 1);
        await AwaitCheckpointAsync(worker.Database);
    }

    /// <summary>Waits until all that is sequenced counts as published.</summary>
    public static async Task AwaitCheckpointAsync(LegacyDatabase database) => Assert.True(await Polling.UntilAsync(
        async _ => await database.ScalarAsync<bool>("""
            SELECT published_seq = (SELECT max(seq_id) FROM voice_audit.mt_events) AND NOT EXISTS (SELECT FROM voice.outbox)
            FROM voice.relay_checkpoint
            """), Waits.Longest, TestContext.Current.CancellationToken));

    private static string Change(string voiceId, int minute) =>
        $$"""{"businessId":7,"voiceId":"{{voiceId}}","changedAt":"2026-01-31T09:{{minute:00}}:00Z","changedBy":"ada"}""";
}
