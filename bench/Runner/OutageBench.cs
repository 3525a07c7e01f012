using System.Globalization;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Bench;

/// <summary>How long callers wait for the default voice while PostgreSQL is stopped by SIGSTOP, and whether just that
/// is recorded once it goes on.</summary>
internal sealed class OutageBench(Stage stage, int calls, int perSecond, CancellationToken cancellationToken)
{
    private const int WarmUp = 500;
    private static readonly TimeSpan ReplyDeadline = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CallWork _work = new("outage", WarmUp + calls);

    /// <summary>0 when every caller was answered and every answer is what is recorded, else 1.</summary>
    public async Task<int> RunAsync()
    {
        if (stage.Postgres is not ILocalServer postgres)
            throw new ServerUnavailableException("PostgreSQL has to run on this machine, to be stopped by SIGSTOP");
        await using var database = await stage.CreateDatabaseAsync(cancellationToken);
        var worker = SystemUnderTest.Worker(ReplyDeadline);
        await using var running = await worker.StartAsync(stage, database, cancellationToken);
        await using var callers = new Callers(stage.Broker, _work);
        await callers.ListenAsync(cancellationToken);
        await AskAsync(callers, 0, WarmUp);
        postgres.Suspend();
        try
        {
            await AskAsync(callers, WarmUp, calls);
        }
        finally
        {
            postgres.Resume();
        }

        return Report(callers, await RecordedAsync(database));
    }

    private async Task AskAsync(Callers callers, int first, int count)
    {
        await callers.AskAsync(first, count, perSecond, cancellationToken);
        await Polling.UntilAsync(_ => Task.FromResult(callers.Answers >= first + count), Patience, cancellationToken);
    }

    private async Task<Dictionary<string, string>> RecordedAsync(BenchDatabase database)
    {
        var recorded = new Dictionary<string, string>();
        await Polling.UntilAsync(async token =>
        {
            recorded = await database.ReadAsync<string, string>("SELECT call_id, reason FROM voice.call_voice", token);
            return recorded.Count >= _work.Count;
        }, Patience, cancellationToken);
        return recorded;
    }

    private int Report(Callers callers, Dictionary<string, string> recorded)
    {
        var during = callers.Replies.Skip(WarmUp).OfType<CallVoice>().ToList();
        var unavailable = during.Where(reply => reply.Reason is VoiceReason.DatabaseUnavailable).ToList();
        var unlike = unavailable.Count(reply => recorded.GetValueOrDefault(reply.CallId) != "databaseUnavailable");
        Console.WriteLine($"{stage.Surroundings}\n{calls} calls at {perSecond}/s while PostgreSQL is stopped, "
            + $"Replies:Deadline {ReplyDeadline.TotalMilliseconds} ms");
        Console.WriteLine($"answered {during.Count}, databaseUnavailable {unavailable.Count}, "
            + $"recorded otherwise {unlike}, not recorded {_work.Count - recorded.Count}");
        if (during.Count > 0)
        {
            var delays = callers.RepliesOf(WarmUp..);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"ms to the reply: p50 {delays.P50:0.0}, p99 {delays.P99:0.0}, max {delays.Max:0.0}"));
        }

        return during.Count == calls && unlike == 0 && recorded.Count == _work.Count ? 0 : 1;
    }
}
