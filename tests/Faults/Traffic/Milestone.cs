using Xunit;

namespace VoiceWorker.Tests.Faults.Traffic;

/// <summary>A count that only grows, and can be awaited.</summary>
/// <param name="what">What is counted, for the message of a wait that was in vain.</param>
public sealed class Milestone(string what)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Lock _lock = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
    private int _count;

    /// <summary>So far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts on.</summary>
    public void AdvanceTo(int count)
    {
        lock (_lock)
        {
            _count = Math.Max(_count, count);
            foreach (var (_, reached) in _waiting.Where(wait => wait.Count <= _count))
                reached.TrySetResult();
            _waiting.RemoveAll(wait => wait.Count <= _count);
        }
    }

    /// <summary>Returns when the count is there; fails when it is not after two minutes.</summary>
    public async Task ReachedAsync(int count)
    {
        try
        {
            await WaitAsync(count, TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{Count} of {count} {what} after {Patience}");
        }
    }

    /// <summary>Returns when the count is there.</summary>
    public Task WaitAsync(int count, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_count >= count)
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((count, reached));
            return reached.Task.WaitAsync(cancellationToken);
        }
    }
}
