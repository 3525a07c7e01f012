using System.Globalization;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Observability;

/// <summary>Some of everything that the worker tells of: calls for each reason but an outage, changes made and refused, a
/// message that nobody can take.</summary>
internal static class Traffic
{
    /// <summary>Sends it and waits until all of it has had its effect.</summary>
    public static async Task RunAsync(RunningWorker worker, int calls, int round = 0)
    {
        await worker.Database.ExecuteAsync("UPDATE business SET voice_id = CASE id WHEN 1 THEN '' WHEN 2 THEN 'robot' ELSE 'verse' END");
        // Before the calls: where another queue is bound their events are not kept for this one.
        var events = await worker.Broker.BindAsync(Exchanges.VoiceAudit);
        for (var n = 0; n < calls; n++)
            await worker.Broker.PublishAsync(Exchanges.CallStarted, Wire.Call($"CA-{round}-{n}", 1 + (n % 120)), BrokerClient.DirectReply, $"{n}");
        await worker.Broker.PublishAsync(Exchanges.BusinessVoiceChanged, Change("echo", round));
        await worker.Broker.PublishAsync(Exchanges.BusinessVoiceChanged, Change("robot", round));
        await worker.Broker.PublishAsync(Exchanges.CallStarted, """{"callId":"no business"}""");
        for (var n = 0; n < calls; n++)
            await worker.Broker.NextReplyAsync();
        await BrokerClient.TakeAsync(events, calls + 2);
        Assert.True(await Polling.UntilAsync(
            async token => await worker.Broker.AmqpChannel.MessageCountAsync("voice-worker.call-started_error", token) > 0,
            Waits.Longest, TestContext.Current.CancellationToken));
    }

    private static string Change(string voiceId, int round) => string.Create(CultureInfo.InvariantCulture,
        $$"""{"businessId":3,"voiceId":"{{voiceId}}","changedAt":"2026-01-31T09:{{round:00}}:00Z"}""");
}
