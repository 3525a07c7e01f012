using Npgsql;
using VoiceWorker.Persistence;

namespace VoiceWorker.Tests.Unit.Commit;

public sealed class GroupCommitFailureTests : GroupCommitFixture
{
    [Theory(Timeout = TestTimeout)]
    [InlineData("40001")]
    [InlineData("57P01")]
    [InlineData("08006")]
    [InlineData(null)]
    public async Task A_transient_failure_is_repeated_until_it_passes_and_the_request_stays_pending(string? sqlState)
    {
        var request = SubmitAsync(7);
        for (var failures = 0; failures < 10; failures++)
        {
            var attempt = await Transaction.NextAttemptAsync();
            attempt.Fail(sqlState is null ? new NpgsqlException("connection lost") : Sql(sqlState));
            await Time.PassNextWaitAsync();
            Assert.Equal([7], attempt.Group);
            Assert.False(request.IsCompleted);
        }

        (await Transaction.NextAttemptAsync()).Commit();

        Assert.Equal("result 7", await request);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Waits_double_from_50_ms_to_2_s_with_a_quarter_of_jitter()
    {
        var request = SubmitAsync(7);
        foreach (var expected in new[] { 50, 100, 200, 400, 800, 1600, 2000, 2000, 2000 })
        {
            (await Transaction.NextAttemptAsync()).Fail(Sql("57P03"));
            var wait = await Time.PassNextWaitAsync();
            // A timer counts whole milliseconds.
            Assert.InRange(wait.TotalMilliseconds, Math.Floor(expected * 0.75), expected * 1.25);
        }

        (await Transaction.NextAttemptAsync()).Commit();
        await request;
    }

    [Fact(Timeout = TestTimeout)]
    public async Task What_another_worker_is_about_to_end_is_tried_again_every_100_ms()
    {
        var request = SubmitAsync(7);
        for (var failures = 0; failures < 10; failures++)
        {
            (await Transaction.NextAttemptAsync()).Fail(new UncomparedHistoryException(isFirst: true));
            Assert.Equal(100, (await Time.PassNextWaitAsync()).TotalMilliseconds);
        }

        (await Transaction.NextAttemptAsync()).Commit();
        Assert.Equal("result 7", await request);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task An_outage_is_two_log_lines_however_long_it_is()
    {
        var commits = Create(maxGroupSize: 500);
        var request = commits.SubmitAsync(7, TestContext.Current.CancellationToken);
        for (var failures = 0; failures < 20; failures++)
        {
            (await Transaction.NextAttemptAsync()).Fail(Sql("57P01"));
            await Time.PassNextWaitAsync();
        }

        (await Transaction.NextAttemptAsync()).Commit();
        await request;
        // The second line is written after the request is answered; disposing waits for that.
        await commits.DisposeAsync();

        Assert.Equal(2, Log.Lines.Count);
        Assert.Contains("57P01", Log.Lines[0], StringComparison.Ordinal);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Requests_that_arrive_during_an_outage_join_the_group_that_is_repeated()
    {
        var first = SubmitAsync(1);
        (await Transaction.NextAttemptAsync()).Fail(Sql("08006"));
        var wait = await Time.NextWaitAsync();
        var second = SubmitAsync(2);
        Time.Advance(wait);
        var repeated = await Transaction.NextAttemptAsync();
        repeated.Commit();

        Assert.Equal([1, 2], repeated.Group);
        Assert.Equal(["result 1", "result 2"], await Task.WhenAll(first, second));
    }

    [Theory(Timeout = TestTimeout)]
    [InlineData("22021")]
    [InlineData("23514")]
    public async Task In_a_group_of_100_a_failure_of_the_data_hits_only_the_guilty(string sqlState)
    {
        int[] guilty = [17, 63];
        var (inFlight, waiting) = await SubmitBehindOneAsync(Enumerable.Range(0, 100));
        inFlight.Commit();
        var attempts = await AnswerUntilDoneAsync(waiting, guilty, sqlState);

        Assert.Equal(100, attempts[0].Length);
        Assert.Equal(Enumerable.Range(0, 100), attempts.Skip(1).Select(Assert.Single));
        for (var request = 0; request < 100; request++)
        {
            if (guilty.Contains(request))
                Assert.Equal(sqlState, (await Assert.ThrowsAsync<PostgresException>(() => waiting[request])).SqlState);
            else
                Assert.Equal($"result {request}", await waiting[request]);
        }
    }

    [Fact(Timeout = TestTimeout)]
    public async Task A_lone_guilty_request_fails_without_being_repeated()
    {
        var request = SubmitAsync(7);
        (await Transaction.NextAttemptAsync()).Fail(Sql("22021"));

        await Assert.ThrowsAsync<PostgresException>(() => request);
        Assert.False(Transaction.HasAttempt);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task An_outage_while_the_guilty_one_is_sought_accuses_nobody_else()
    {
        var (inFlight, waiting) = await SubmitBehindOneAsync([0, 1]);
        inFlight.Commit();
        (await Transaction.NextAttemptAsync()).Fail(Sql("23514"));
        (await Transaction.NextAttemptAsync()).Fail(Sql("57P01"));
        var late = SubmitAsync(2);
        await Time.PassNextWaitAsync();
        var again = await Transaction.NextAttemptAsync();
        again.Commit();
        (await Transaction.NextAttemptAsync()).Fail(Sql("23514"));
        var last = await Transaction.NextAttemptAsync();
        last.Commit();

        Assert.Equal([0], again.Group);
        Assert.Equal([2], last.Group);
        Assert.Equal(["result 0", "result 2"], [await waiting[0], await late]);
        await Assert.ThrowsAsync<PostgresException>(() => waiting[1]);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task After_a_failure_of_the_data_the_next_requests_are_committed_as_ever()
    {
        var guilty = SubmitAsync(1);
        (await Transaction.NextAttemptAsync()).Fail(new ArgumentException("no failure of the database"));
        await Assert.ThrowsAsync<ArgumentException>(() => guilty);
        var next = SubmitAsync(2);
        (await Transaction.NextAttemptAsync()).Commit();

        Assert.Equal("result 2", await next);
    }

    private async Task<List<int[]>> AnswerUntilDoneAsync(List<Task<string>> waiting, int[] guilty, string sqlState)
    {
        var attempts = new List<int[]>();
        for (var singles = 0; singles < waiting.Count; singles += attempts[^1].Length == 1 ? 1 : 0)
        {
            var attempt = await Transaction.NextAttemptAsync();
            attempts.Add(attempt.Group);
            if (attempt.Group.Intersect(guilty).Any())
                attempt.Fail(Sql(sqlState));
            else
                attempt.Commit();
        }

        return attempts;
    }
}
