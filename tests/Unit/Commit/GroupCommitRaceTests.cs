using VoiceWorker.Commit;

namespace VoiceWorker.Tests.Unit.Commit;

/// <summary>Requests that come while a group is gathered, while it commits, and in the instant in which the loop begins
/// to wait.</summary>
public sealed class GroupCommitRaceTests
{
    private const int TestTimeout = 120_000;
    private const int Producers = 8;
    private const int Requests = 5_000;

    [Fact(Timeout = TestTimeout)]
    public async Task Every_request_of_many_threads_is_answered_with_its_own_result()
    {
        await using var commits = new GroupCommit<int, int>(
            new Doubling(), new GroupCommitOptions { MaxGroupSize = Producers - 1 },
            new Retry(TimeProvider.System, new RecordingLogger<Retry>()));

        await Task.WhenAll(Enumerable.Range(0, Producers).Select(producer => Task.Run(
            () => SubmitAsync(commits, producer * Requests), TestContext.Current.CancellationToken)));
    }

    private static async Task SubmitAsync(GroupCommit<int, int> commits, int first)
    {
        for (var request = first; request < first + Requests; request++)
        {
            Assert.Equal(2 * request, await commits.SubmitAsync(request, TestContext.Current.CancellationToken));
            if (request % 3 == 0)
                await Task.Yield();
        }
    }

    // At once, or on another thread.
    private sealed class Doubling : IGroupTransaction<int, int>
    {
        private int _commits;

        public async Task<IReadOnlyList<int>> CommitAsync(IReadOnlyList<int> group, CancellationToken cancellationToken)
        {
            if (_commits++ % 2 == 0)
                await Task.Yield();
            return [.. group.Select(request => 2 * request)];
        }
    }
}
