namespace VoiceWorker.Tests.Unit.Commit;

public sealed class GroupCommitTests : GroupCommitFixture
{
    [Fact(Timeout = TestTimeout)]
    public async Task A_lone_request_is_committed_at_once_in_a_group_of_one()
    {
        var result = SubmitAsync(7);
        var attempt = await Transaction.NextAttemptAsync();
        attempt.Commit();

        Assert.Equal([7], attempt.Group);
        Assert.Equal("result 7", await result);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Requests_that_arrive_during_a_transaction_go_together_into_the_next_in_order()
    {
        var (inFlight, waiting) = await SubmitBehindOneAsync([1, 2, 3, 4, 5]);
        Assert.False(Transaction.HasAttempt);
        inFlight.Commit();
        var next = await Transaction.NextAttemptAsync();
        next.Commit();

        Assert.Equal([-1], inFlight.Group);
        Assert.Equal([1, 2, 3, 4, 5], next.Group);
        Assert.Equal(["result 1", "result 2", "result 3", "result 4", "result 5"], await Task.WhenAll(waiting));
    }

    [Fact(Timeout = TestTimeout)]
    public async Task A_group_is_never_larger_than_its_limit()
    {
        await using var commits = Create(maxGroupSize: 3);
        var all = Enumerable.Range(0, 8)
            .Select(request => commits.SubmitAsync(request, TestContext.Current.CancellationToken)).ToList();
        var seen = new List<int>();
        while (seen.Count < all.Count)
        {
            var attempt = await Transaction.NextAttemptAsync();
            Assert.InRange(attempt.Group.Length, 1, 3);
            seen.AddRange(attempt.Group);
            attempt.Commit();
        }

        Assert.Equal(Enumerable.Range(0, 8), seen);
        await Task.WhenAll(all);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task A_request_behind_a_full_group_goes_into_the_one_after()
    {
        await using var commits = Create(maxGroupSize: 3);
        _ = commits.SubmitAsync(0, TestContext.Current.CancellationToken);
        var first = await Transaction.NextAttemptAsync();
        foreach (var request in new[] { 1, 2, 3, 4 })
            _ = commits.SubmitAsync(request, TestContext.Current.CancellationToken);
        first.Commit();
        var second = await Transaction.NextAttemptAsync();
        second.Commit();
        var third = await Transaction.NextAttemptAsync();
        third.Commit();

        Assert.Equal([1, 2, 3], second.Group);
        Assert.Equal([4], third.Group);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task A_waiter_that_gives_up_does_not_disturb_the_others()
    {
        using var giveUp = new CancellationTokenSource();
        var (inFlight, waiting) = await SubmitBehindOneAsync([1]);
        var impatient = Commits.SubmitAsync(2, giveUp.Token);
        waiting.Add(SubmitAsync(3));
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        inFlight.Commit();
        var next = await Transaction.NextAttemptAsync();
        next.Commit();

        Assert.Equal([1, 2, 3], next.Group);
        Assert.Equal(["result 1", "result 3"], await Task.WhenAll(waiting));
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Disposing_cancels_what_is_in_flight_and_what_waits()
    {
        var commits = Create(maxGroupSize: 1);
        var first = commits.SubmitAsync(0, TestContext.Current.CancellationToken);
        await Transaction.NextAttemptAsync();
        var second = commits.SubmitAsync(1, TestContext.Current.CancellationToken);
        await commits.DisposeAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(Transaction.HasAttempt);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => commits.SubmitAsync(2, TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Disposing_does_not_wait_for_the_end_of_an_outage()
    {
        var commits = Create(maxGroupSize: 500);
        var request = commits.SubmitAsync(0, TestContext.Current.CancellationToken);
        (await Transaction.NextAttemptAsync()).Fail(Sql("08006"));
        await Time.NextWaitAsync();
        await commits.DisposeAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Disposing_does_not_wait_for_a_server_to_cancel_its_statement()
    {
        using var serverAnswers = new ManualResetEventSlim();
        Transaction.WhenCancelled = serverAnswers.Wait;
        var inFlight = SubmitAsync(1);
        await Transaction.NextAttemptAsync();

        await Commits.DisposeAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => inFlight);
        serverAnswers.Set();
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Disposing_twice_is_harmless()
    {
        var commits = Create(maxGroupSize: 500);
        await commits.DisposeAsync();
        await commits.DisposeAsync();
    }
}
