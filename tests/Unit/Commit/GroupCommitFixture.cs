using Npgsql;
using VoiceWorker.Commit;

namespace VoiceWorker.Tests.Unit.Commit;

/// <summary>A group commit over a scripted transaction, with a clock that stands still.</summary>
public abstract class GroupCommitFixture : IAsyncDisposable
{
    protected const int TestTimeout = 20_000;

    private protected ScriptedTransaction Transaction { get; } = new();

    private protected SignallingTime Time { get; } = new();

    private protected RecordingLogger<Retry> Log { get; } = new();

    private protected GroupCommit<int, string> Commits { get; }

    protected GroupCommitFixture() => Commits = Create(maxGroupSize: 500);

    public async ValueTask DisposeAsync()
    {
        await Commits.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected GroupCommit<int, string> Create(int maxGroupSize) =>
        new(Transaction, new GroupCommitOptions { MaxGroupSize = maxGroupSize }, new Retry(Time, Log));

    private protected Task<string> SubmitAsync(int request) =>
        Commits.SubmitAsync(request, TestContext.Current.CancellationToken);

    /// <summary>Requests that wait behind one that is in flight; returns that one's attempt and the waiting tasks.</summary>
    private protected async Task<(ScriptedTransaction.Attempt InFlight, List<Task<string>> Waiting)> SubmitBehindOneAsync(
        IEnumerable<int> requests)
    {
        _ = SubmitAsync(-1);
        var inFlight = await Transaction.NextAttemptAsync();
        return (inFlight, requests.Select(SubmitAsync).ToList());
    }

    protected static PostgresException Sql(string sqlState) => new("S3CRET message", "ERROR", "ERROR", sqlState);
}
