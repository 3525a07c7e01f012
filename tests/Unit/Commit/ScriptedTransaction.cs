using System.Threading.Channels;
using VoiceWorker.Commit;

namespace VoiceWorker.Tests.Unit.Commit;

/// <summary>A transaction whose every attempt the test lets succeed or fail.</summary>
internal sealed class ScriptedTransaction : IGroupTransaction<int, string>
{
    private readonly Channel<Attempt> _attempts = Channel.CreateUnbounded<Attempt>();

    /// <summary>Waits for the next attempt, which stays in flight until it is told its outcome.</summary>
    public ValueTask<Attempt> NextAttemptAsync() => _attempts.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>What the cancellation of an attempt does before it has an effect.</summary>
    public Action WhenCancelled { get; set; } = () => { };

    public bool HasAttempt => _attempts.Reader.TryPeek(out _);

    public Task<IReadOnlyList<string>> CommitAsync(IReadOnlyList<int> group, CancellationToken cancellationToken)
    {
        var attempt = new Attempt([.. group]);
        cancellationToken.Register(() => WhenCancelled());
        _attempts.Writer.TryWrite(attempt);
        return attempt.Outcome.WaitAsync(cancellationToken);
    }

    internal sealed class Attempt(int[] group)
    {
        private readonly TaskCompletionSource<IReadOnlyList<string>> _outcome =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int[] Group => group;

        public Task<IReadOnlyList<string>> Outcome => _outcome.Task;

        public void Commit() => _outcome.SetResult([.. group.Select(request => $"result {request}")]);

        public void Fail(Exception failure) => _outcome.SetException(failure);
    }
}
