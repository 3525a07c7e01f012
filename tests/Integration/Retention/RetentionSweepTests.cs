using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using VoiceWorker.Observability;
using VoiceWorker.Persistence.Retention;
using VoiceWorker.Relay;
using VoiceWorker.Retention;
using Xunit;

namespace VoiceWorker.Tests.Integration.Retention;

/// <summary>One round of the duty.</summary>
public sealed class RetentionSweepTests(TestServers servers)
{
    [Fact]
    public async Task A_round_of_the_worker_that_relays_removes_all_that_is_too_old_in_batches()
    {
        await using var past = await RetentionFixture.CreateAsync(servers);
        await RecordedPast.AddCallsAsync(past.Database, calls: 10_000, days: 10);
        var sweep = Sweep(past, isLeader: true, new RetentionOptions { Decisions = TimeSpan.FromDays(2), Audit = TimeSpan.FromDays(5) });

        var round = await sweep.RunOnceAsync(TestContext.Current.CancellationToken);
        var next = await sweep.RunOnceAsync(TestContext.Current.CancellationToken);

        Assert.InRange(round.Decisions, 7_990, 8_010);
        Assert.InRange(round.Events, 4_990, 5_010);
        Assert.InRange(round.Batches, 5, 100);
        Assert.Equal((await past.HorizonAsync(RetentionStore.Decisions)).RemovedUntil, round.Until);
        // A few calls have become too old meanwhile.
        Assert.InRange(next.Decisions + next.Events, 0, 20);
        Assert.Equal("", await RetentionTests.DifferencesAsync(past));
    }

    [Fact]
    public async Task A_worker_that_does_not_lead_or_was_not_told_to_removes_nothing()
    {
        await using var past = await RetentionFixture.CreateAsync(servers);
        await RecordedPast.AddCallsAsync(past.Database, calls: 100, days: 10);
        var token = TestContext.Current.CancellationToken;

        Assert.Equal(default, await Sweep(past, isLeader: false, new RetentionOptions { Decisions = TimeSpan.FromDays(2) }).RunOnceAsync(token));
        Assert.Equal(default, await Sweep(past, isLeader: true, new RetentionOptions()).RunOnceAsync(token));

        Assert.Equal(100, await past.Database.ScalarAsync<long>("SELECT count(*) FROM voice.call_voice"));
    }

    private static RetentionSweep Sweep(RetentionFixture past, bool isLeader, RetentionOptions options)
    {
        var relay = new RelayHealth(past.Connections);
        relay.Note(isLeader ? new RelayRound(IsLeader: true, 0, 0, 0, null) : RelayRound.Standby);
        var metrics = new ServiceCollection().AddMetrics().AddSingleton<WorkerMetrics>().BuildServiceProvider().GetRequiredService<WorkerMetrics>();
        return new RetentionSweep(past.Connections, relay, Options.Create(options), TimeProvider.System, metrics);
    }
}
