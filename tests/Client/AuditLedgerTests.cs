using System.Text;
using VoiceWorker.Client.Audit;
using VoiceWorker.Contracts;
using VoiceWorker.Tests.Client.World;
using Xunit;

namespace VoiceWorker.Tests.Client;

/// <summary>The rule of sequences and the chain of hashes, over a ledger in a file.</summary>
public sealed class AuditLedgerTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"voice-ledger-{Guid.NewGuid():N}");
    private readonly Trail _trail;

    public AuditLedgerTests() => _trail = new Trail(_file);

    public void Dispose()
    {
        _trail.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public async Task A_repeat_is_dropped()
    {
        var events = AuditEvents.Chain(3);

        await _trail.TakeAllAsync([.. events, .. events]);

        Assert.Equal([1, 2, 3], _trail.Sequences);
        Assert.All(_trail.Got, received => Assert.IsType<OperatorActed>(received.Event));
        Assert.Empty(await _trail.Ledger.GapsAsync(Token));
    }

    [Fact]
    public async Task A_gap_is_known_until_it_is_filled()
    {
        var events = AuditEvents.Chain(9);

        await _trail.TakeAllAsync([events[0], events[8], events[4]]);
        Assert.Equal(
            [new AuditGap("business-1", 2, 4), new AuditGap("business-1", 6, 8)], await _trail.Ledger.GapsAsync(Token));
        await _trail.TakeAllAsync([.. events.Reverse()]);

        Assert.Empty(await _trail.Ledger.GapsAsync(Token));
        Assert.Equal(Enumerable.Range(1, 9).Select(n => (long)n), _trail.Sequences.Order());
        Assert.DoesNotContain(_trail.Got, received => received.IsAltered);
    }

    [Fact]
    public async Task An_altered_event_is_told()
    {
        var events = AuditEvents.Chain(3);

        await _trail.TakeAllAsync(
            [events[0], events[1] with { Body = events[1].Body.Replace("anna", "hans", StringComparison.Ordinal) }, events[2]]);

        Assert.Equal([false, true, false], _trail.Got.Select(received => received.IsAltered));
    }

    [Fact]
    public async Task There_is_nothing_to_compare_behind_a_gap_or_at_a_lost_history()
    {
        var events = AuditEvents.Chain(4);

        await _trail.TakeAllAsync([events[2], new Published("HistoryLost", events[3].Body)]);

        Assert.DoesNotContain(_trail.Got, received => received.IsAltered);
    }

    [Fact]
    public async Task What_is_not_known_yet_counts_as_any_other_event()
    {
        await _trail.TakeAllAsync(
        [
            new Published("InventedLater", """{"stream":"business-1","sequence":1,"new":true}"""),
            new Published("OperatorActed", """{"stream":"business-1","sequence":2,"result":"inventedLater"}"""),
        ]);

        Assert.Equal([1, 2], _trail.Sequences);
        Assert.All(_trail.Got, received => Assert.Null(received.Event));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("not JSON")]
    [InlineData("""{"stream":"s"}""")]
    [InlineData("""{"stream":"s","sequence":0}""")]
    public async Task What_is_no_event_is_an_error(string body) =>
        await Assert.ThrowsAsync<InvalidDataException>(() => _trail.TakeAllAsync([new Published("OperatorActed", body)]));

    [Fact]
    public async Task A_transaction_that_is_not_committed_leaves_nothing()
    {
        await using (var transaction = await _trail.Ledger.BeginAsync(Token))
        {
            await transaction.SetProgressAsync("business-1", new AuditProgress(5, null), Token);
            await transaction.AddGapAsync(new AuditGap("business-1", 1, 4), Token);
        }

        Assert.Empty(await _trail.Ledger.GapsAsync(Token));
        await _trail.TakeAllAsync(AuditEvents.Chain(1));
        Assert.Equal([1], _trail.Sequences);
    }

    [Fact]
    public async Task What_was_committed_is_there_after_a_crash_in_the_middle_of_a_line()
    {
        var events = AuditEvents.Chain(5);
        await _trail.TakeAllAsync([events[0], events[2]]);
        _trail.Dispose();
        await File.AppendAllTextAsync(_file, """[{"stream":"business-1","la""", Token);

        using var again = new Trail(_file);
        Assert.Equal([new AuditGap("business-1", 2, 2)], await again.Ledger.GapsAsync(Token));
        await again.TakeAllAsync([events[2], events[3]]);
        Assert.Equal([4], again.Sequences);
        Assert.False(again.Got[0].IsAltered);
    }

    [Fact]
    public async Task A_ledger_does_not_grow_with_the_number_of_its_commits()
    {
        var progress = new AuditProgress(0, new string('0', 20_000));
        for (var n = 1; n <= 1000; n++)
        {
            await using var transaction = await _trail.Ledger.BeginAsync(Token);
            await transaction.SetProgressAsync("business-1", progress with { Sequence = n }, Token);
            await transaction.CommitAsync(Token);
        }

        _trail.Dispose();
        Assert.InRange(new FileInfo(_file).Length, 20_000, 5 << 20);
        using var again = new Trail(_file);
        await using var last = await again.Ledger.BeginAsync(Token);
        Assert.Equal(progress with { Sequence = 1000 }, await last.ProgressAsync("business-1", Token));
    }

    [Fact]
    public void What_is_no_ledger_or_anothers_is_an_error()
    {
        Assert.ThrowsAny<IOException>(() => new FileLedger(_file));
        _trail.Dispose();
        File.WriteAllText(_file, "something else\n", Encoding.UTF8);
        Assert.Throws<InvalidDataException>(() => new FileLedger(_file));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
