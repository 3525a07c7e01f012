using System.Threading.Channels;
using VoiceWorker.Calls;
using VoiceWorker.Commit;
using VoiceWorker.Contracts;
using VoiceWorker.Tests.Unit.Commit;

namespace VoiceWorker.Tests.Unit.Calls;

public sealed class PendingCallsTests : IAsyncDisposable
{
    private const int TestTimeout = 20_000;

    private readonly Transaction _transaction = new();
    private readonly GroupCommit<PendingCall, CallVoice> _commits;
    private readonly PendingCalls _calls;

    public PendingCallsTests()
    {
        _commits = new(_transaction, new GroupCommitOptions(), new Retry(new SignallingTime(), new RecordingLogger<Retry>()));
        _calls = new(_commits);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task A_repeat_joins_the_delivery_that_is_being_recorded()
    {
        var first = Join("CA1");
        var repeat = Join("CA1");
        _transaction.Allow(1);

        Assert.Same(first.Call, repeat.Call);
        Assert.Same(await first.Recorded, await repeat.Recorded);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task A_repeat_of_a_recorded_call_gets_its_record_at_once_without_the_database()
    {
        _transaction.Allow(1);
        var recorded = await Join("CA1").Recorded;

        var repeat = Join("CA1");

        Assert.True(repeat.Recorded.IsCompletedSuccessfully);
        Assert.Same(recorded, await repeat.Recorded);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Only_the_last_recorded_calls_are_remembered()
    {
        _transaction.Allow(PendingCalls.Remembered + 2);
        var forgotten = await Join("CA-first").Recorded;
        for (var i = 0; i < PendingCalls.Remembered; i++)
            await Join($"CA{i}").Recorded;

        Assert.NotSame(forgotten, await Join("CA-first").Recorded);
        Assert.True(Join($"CA{PendingCalls.Remembered - 1}").Recorded.IsCompletedSuccessfully);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task A_call_that_could_not_be_recorded_begins_anew()
    {
        _transaction.Failure = new InvalidOperationException("broken for good");
        _transaction.Allow(2);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Join("CA1").Recorded);

        _transaction.Failure = null;

        Assert.Equal("CA1", (await Join("CA1").Recorded).CallId);
    }

    public ValueTask DisposeAsync() => _commits.DisposeAsync();

    private (PendingCall Call, Task<CallVoice> Recorded) Join(string callId) =>
        _calls.Join(new CallStarted(callId, 42, DateTimeOffset.UnixEpoch), traceParent: null);

    /// <summary>Answers as often as it is allowed to, then no more.</summary>
    private sealed class Transaction : IGroupTransaction<PendingCall, CallVoice>
    {
        private readonly Channel<bool> _allowed = Channel.CreateUnbounded<bool>();

        public Exception? Failure { get; set; }

        public void Allow(int attempts)
        {
            for (var i = 0; i < attempts; i++)
                _allowed.Writer.TryWrite(true);
        }

        public async Task<IReadOnlyList<CallVoice>> CommitAsync(
            IReadOnlyList<PendingCall> group, CancellationToken cancellationToken)
        {
            await _allowed.Reader.ReadAsync(cancellationToken);
            return Failure is null ? [.. group.Select(Recorded)] : throw Failure;
        }

        private static CallVoice Recorded(PendingCall call) =>
            new(call.Call.CallId, call.Call.BusinessId, "coral", VoiceSource.Business, VoiceReason.BusinessVoice);
    }
}
