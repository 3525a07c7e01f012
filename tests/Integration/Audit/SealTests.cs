using System.Security.Cryptography;
using System.Text;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Retention;
using VoiceWorker.Persistence.Verification;
using VoiceWorker.Tests.Integration.Retention;
using Xunit;

namespace VoiceWorker.Tests.Integration.Audit;

/// <summary>What a seal says of the events before it.</summary>
public sealed class SealTests(TestServers servers)
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_seal_covers_each_stream_that_moved_since_the_one_before()
    {
        await using var fixture = await RetentionFixture.CreateAsync(servers);
        var before = await SequenceAsync(fixture, 10, 9, 10);
        var first = await SealAsync(fixture);
        var between = await SequenceAsync(fixture, 9, 7);

        var second = await SealAsync(fixture);

        var zeros = new string('0', 64);
        Assert.Equal(
            (1, 3, 3, 2, before[^1].Position, zeros, Root(zeros, before[2], before[1])),
            (first!.Sequence, first.Events, first.EventsInAll, first.Streams, first.Position, first.PreviousRoot, first.Root));
        Assert.Equal(
            (2, 2, 5, 2, between[^1].Position, first.Root, Root(first.Root, between[1], between[0])),
            (second!.Sequence, second.Events, second.EventsInAll, second.Streams, second.Position, second.PreviousRoot, second.Root));
        Assert.Empty(await VerifyAsync(fixture));
    }

    [Fact]
    public async Task Where_nothing_but_seals_is_new_there_is_no_seal()
    {
        await using var fixture = await RetentionFixture.CreateAsync(servers);
        Assert.Null(await SealAsync(fixture));
        await SequenceAsync(fixture, 1);
        Assert.NotNull(await SealAsync(fixture));

        Assert.Null(await SealAsync(fixture));

        Assert.Equal((1, 0), await CountAsync(fixture));
    }

    [Fact]
    public async Task Events_of_an_earlier_version_are_not_sealed()
    {
        await using var fixture = await RetentionFixture.CreateAsync(servers);
        await SequenceAsync(fixture, 1, 2, 3);
        await fixture.Database.ExecuteAsync("UPDATE voice_audit.mt_events SET headers = NULL");
        Assert.Null(await SealAsync(fixture));
        await SequenceAsync(fixture, 2);

        var first = await SealAsync(fixture);

        Assert.Equal((1, 1), (first!.Events, first.Streams));
        Assert.Empty(await VerifyAsync(fixture));
    }

    [Fact]
    public async Task What_retention_removes_breaks_neither_chain_nor_seals()
    {
        await using var fixture = await RetentionFixture.CreateAsync(servers);
        await RecordAndPublishAsync(fixture, "CA-1", 1);
        var last = await SealAsync(fixture);
        await fixture.Database.ExecuteAsync(
            "UPDATE voice.relay_checkpoint SET published_seq = (SELECT max(seq_id) FROM voice_audit.mt_events)");
        await RecordedPast.AgeAsync(fixture.Database, days: 3);
        await fixture.RemoveAsync(RetentionStore.Decisions, keepDays: 2);
        await fixture.RemoveAsync(RetentionStore.Audit, keepDays: 2);
        Assert.Equal(0, await fixture.Database.ScalarAsync<long>("SELECT count(*) FROM voice_audit.mt_events"));

        await RecordAndPublishAsync(fixture, "CA-2", 1);
        var next = await SealAsync(fixture);

        Assert.Equal((2, 1, 2, last!.Root), (next!.Sequence, next.Events, next.EventsInAll, next.PreviousRoot));
        Assert.Empty(await VerifyAsync(fixture));
        await fixture.Database.ExecuteAsync("UPDATE voice.removed_head SET hash = reverse(hash) WHERE stream = 'business-1'");
        Assert.Equal(
            [(DifferenceKind.HashDiffers, "business-1", 2L)],
            (await VerifyAsync(fixture)).Select(one => (one.Kind, one.Stream, one.Sequence!.Value)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Behind_a_seal_that_a_promotion_lost_the_next_goes_on_from_the_last(bool isBack)
    {
        await using var fixture = await RetentionFixture.CreateAsync(servers);
        await SequenceAsync(fixture, 1, 2);
        var first = await SealAsync(fixture);
        await SequenceAsync(fixture, 1);
        var second = await SealAsync(fixture);
        // As on the standby; what it sealed is there. One that does not come back has another event in its place.
        await fixture.Database.ExecuteAsync("DELETE FROM voice_audit.mt_events WHERE stream_id = 'seals' AND version = 2");
        if (!isBack)
            await RecoverAsync(fixture, [], Told(first!, isBack: true));
        await RecoverAsync(fixture, isBack ? [second!] : [], Told(second!, isBack));
        Assert.Equal((3, isBack ? 0 : 1), await CountAsync(fixture));
        var between = await SequenceAsync(fixture, 1, 3);

        var next = await SealAsync(fixture);

        var (before, events) = isBack ? (second!, 2) : (first!, 3);
        Assert.Equal(
            (4, events, before.EventsInAll + events, before.Root, Root(before.Root, between[0], between[1])),
            (next!.Sequence, next.Events, next.EventsInAll, next.PreviousRoot, next.Root));
        Assert.Empty(await VerifyAsync(fixture, first!, next));
        // What the database says of itself excuses no seal that was kept.
        Assert.Equal(
            isBack ? [] : [(DifferenceKind.SealMissing, second!.EventId)],
            (await VerifyAsync(fixture, first!, second!, next)).Select(one => (one.Kind, one.EventId!.Value)));
        await fixture.Database.ExecuteAsync("""
            UPDATE voice_audit.mt_events SET headers = jsonb_build_object('hash', repeat('a', 64)) WHERE seq_id =
                (SELECT max(seq_id) FROM voice_audit.mt_events WHERE stream_id = 'business-1')
            """);
        Assert.Contains(next.EventId, (await VerifyAsync(fixture))
            .Where(one => one.Kind is DifferenceKind.SealDiffers).Select(one => one.EventId!.Value));
    }

    [Fact]
    public async Task What_no_seal_covers_yet_stays_however_old_and_the_seal_that_was_removed_is_known()
    {
        await using var fixture = await RetentionFixture.CreateAsync(servers);
        await RecordAndPublishAsync(fixture, "CA-1", 1);
        var first = await SealAsync(fixture);
        await RecordAndPublishAsync(fixture, "CA-2", 2);
        await RecoverAsync(fixture, [], Told(first!, isBack: true));
        Assert.Equal(2, await RemoveAllAsync(fixture));
        Assert.Equal(["business-2", "seals"], await StreamsAsync(fixture));

        var second = await SealAsync(fixture);
        await RecordAndPublishAsync(fixture, "CA-3", 3);
        Assert.Equal(3, await RemoveAllAsync(fixture));
        await RecoverAsync(fixture, [], Told(second!, isBack: true));
        var third = await SealAsync(fixture);

        Assert.Equal((3, 1, 2, first!.Root), (second!.Sequence, second.Events, second.EventsInAll, second.PreviousRoot));
        Assert.Equal((5, 1, 3, second.Root), (third!.Sequence, third.Events, third.EventsInAll, third.PreviousRoot));
        Assert.Empty(await VerifyAsync(fixture, first, second, third));
        await fixture.Database.ExecuteAsync(
            "UPDATE voice.removed_head SET seal = jsonb_set(seal, '{root}', to_jsonb(repeat('b', 64))) WHERE stream = 'seals'");
        Assert.Equal(
            [third.EventId, second.EventId], (await VerifyAsync(fixture, first, second, third)).Select(one => one.EventId!.Value));
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(2)]
    public async Task A_HistoryLost_that_is_removed_behind_a_seal_does_not_take_its_place(int page)
    {
        await using var fixture = await RetentionFixture.CreateAsync(servers);
        await RecordAndPublishAsync(fixture, "CA-1", 1);
        var first = await SealAsync(fixture);
        await RecoverAsync(fixture, [], Told(first!, isBack: true));
        await RecordedPast.AgeAsync(fixture.Database, days: 3);
        await RecordAndPublishAsync(fixture, "CA-2", 2);
        var next = await SealAsync(fixture);

        Assert.Equal(3, await RemoveAllAsync(fixture, days: 0, page));

        Assert.Equal("2 1 1", await fixture.Database.ScalarAsync<string>("""
            SELECT concat_ws(' ', version, seal_version, seal ->> 'eventsInAll') FROM voice.removed_head WHERE stream = 'seals'
            """));
        Assert.Empty(await VerifyAsync(fixture, first!, next!));
    }

    private static HistoryLost Told(TrailSealed lost, bool isBack) => new()
    {
        EventId = Guid.CreateVersion7(Now), Stream = AuditEvent.SealStream, Sequence = lost.Sequence + 1, OccurredAt = Now,
        IsComplete = true, Lost =
        [
            new LostEvent
            {
                EventId = lost.EventId, Sequence = lost.Sequence, Type = nameof(TrailSealed), RecordedAgain = isBack,
            },
        ],
    };

    // As HistoryRecovery does.
    private static async Task RecoverAsync(RetentionFixture fixture, IEnumerable<AuditEvent> returning, HistoryLost told)
    {
        await using var transaction = await fixture.Session.BeginTransactionAsync(Token);
        await new PublishedHistory(fixture.Store).AddAsync(
            fixture.Session,
            [
                .. returning.Select(one => new PublishedEvent(one, TraceParent: null)),
                new PublishedEvent(told, TraceParent: null) { IsNew = true },
            ],
            Token);
        await transaction.CommitAsync(Token);
    }

    private static async Task<long> RemoveAllAsync(RetentionFixture fixture, int days = 3, int page = 1_000)
    {
        await fixture.Database.ExecuteAsync(
            "UPDATE voice.relay_checkpoint SET published_seq = (SELECT max(seq_id) FROM voice_audit.mt_events)");
        await RecordedPast.AgeAsync(fixture.Database, days);
        await fixture.RemoveAsync(RetentionStore.Decisions, keepDays: 2);
        return await fixture.RemoveAsync(RetentionStore.Audit, keepDays: 2, page);
    }

    private static async Task<IEnumerable<string>> StreamsAsync(RetentionFixture fixture) =>
        (await EventStore.ReadAfterAsync(fixture.Session, 0, 100, Token)).Select(stored => stored.Event.Stream);

    private static async Task RecordAndPublishAsync(RetentionFixture fixture, string callId, int business)
    {
        await fixture.RecordAsync(new CallStarted(callId, business, DateTimeOffset.UnixEpoch));
        await fixture.PublishAsync();
    }

    // Without rows: the verification looks at chain and seals here.
    private static async Task<IReadOnlyList<StoredEvent>> SequenceAsync(RetentionFixture fixture, params int[] businesses)
    {
        foreach (var (n, business) in businesses.Index())
            await OutboxTable.AddAsync(fixture.Session, SampleEvents.Resolved(business, n), Token);
        return await fixture.SequenceAsync();
    }

    private static async Task<TrailSealed?> SealAsync(RetentionFixture fixture)
    {
        var (last, _, _) = await SealWriter.ReadAsync(fixture.Session, 100, Token);
        var stored = await new SealWriter(fixture.Store).SealAsync(fixture.Session, last, Now, Token);
        return (TrailSealed?)stored?.Event;
    }

    private static async Task<(long Last, long Events)> CountAsync(RetentionFixture fixture)
    {
        var (last, events, _) = await SealWriter.ReadAsync(fixture.Session, 100, Token);
        return (last.Sequence, events);
    }

    private static async Task<IReadOnlyList<AuditDifference>> VerifyAsync(
        RetentionFixture fixture, params TrailSealed[] kept)
    {
        var differences = new List<AuditDifference>();
        await foreach (var one in new AuditVerification(fixture.Connections, kept).FindAsync(Token))
            differences.Add(one);
        return [.. differences.Where(one => one.Kind is not (DifferenceKind.RowMissing or DifferenceKind.EventMissing))];
    }

    private static string Root(string previous, params StoredEvent[] heads)
    {
        var lines = heads.Select(head => $"{head.Event.Stream}\n{head.Event.Sequence}\n{head.Event.Hash}\n");
        byte[] bytes = [.. Convert.FromHexString(previous), .. Encoding.UTF8.GetBytes(string.Concat(lines))];
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
