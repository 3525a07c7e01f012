using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Verbs.Audit;
using VoiceWorker.Verbs.Shell;
using VoiceWorker.WebConsole.Access;
using VoiceWorker.WebConsole.Parts;

namespace VoiceWorker.WebConsole.Acts;

/// <summary>Replay and verification of the audit trail, as their verbs do it.</summary>
internal static class AuditForms
{
    public const string All = "all";
    public const string DryRun = "dry-run";
    public const string Queue = "to-queue";
    public const string Rate = "rate";

    private const int NamedDifferences = 1_000;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    /// <summary>Maps them.</summary>
    public static void MapAudit(this IEndpointRouteBuilder acts)
    {
        const string title = "Replay of audit events";
        acts.MapJob("/audit/replay", Roles.Operator, title, asked => Replay(asked, queue: null));
        // Whoever may name a queue may put events where no audit event belongs.
        acts.MapJob("/audit/replay-to-queue", Roles.Admin, title, asked => Replay(asked, QueueOf(asked)));
        acts.MapJob("/audit/verify", Roles.Operator, "Verification of the audit trail", Verify);
    }

    private static Func<Job, Task<JobResult>> Replay(Asked asked, string? queue)
    {
        var query = QueryOf(asked);
        var target = new AuditReplayTarget(queue, asked.Whole(Rate, 1, 1_000_000));
        var isDry = asked.Flag(DryRun);
        var act = asked.Act("audit replay");
        return async job =>
        {
            var services = asked.Services;
            await using var connection = await services.GetRequiredService<PostgresConnections>()
                .OpenAsync(job.Interruption);
            job.Progress = "counting the events";
            var plan = await AuditReplay.PlanAsync(connection, query, job.Interruption);
            if (isDry || plan.Count == 0)
                return Planned(plan, target);
            await (await asked.ConnectAsync(job)).DisposeAsync();
            return Told(await asked.RunAsync(
                job, act, () => AuditReplay.RunAsync(services, connection, plan, target, act, new Steps<long>(
                    done => job.Progress = $"{Figures.Number(done)} of {Figures.Number(plan.Count)} published"),
                    job.Interruption), result => result.Ended), target);
        };
    }

    private static Func<Job, Task<JobResult>> Verify(Asked asked) => async job =>
    {
        var verify = new AuditVerify(
            asked.Services.GetRequiredService<PostgresConnections>(), keptSeals: [], NamedDifferences);
        var time = asked.Services.GetRequiredService<TimeProvider>();
        var running = verify.RunAsync(progress: null, job.Interruption);
        while (!running.IsCompleted)
        {
            job.Progress = $"{Figures.Count(verify.Counts.Rows, "row")} and "
                + $"{Figures.Count(verify.Counts.Events, "event")} compared, "
                + Figures.Count(verify.Differences, "difference");
            await Task.WhenAny(running, Task.Delay(BetweenLooks, time, CancellationToken.None));
        }

        return Told(await running);
    };

    // A filter alone may be a slip of whoever meant one business: consumers would get all.
    private static AuditQuery QueryOf(Asked asked)
    {
        var query = asked.Read(AuditFields.Names, AuditFields.Read);
        return query.Stream is not null || query.CallId is not null || asked.Flag(All) ? query
            : throw new SettingsException("A replay needs a stream or a call; or say that all streams are meant.");
    }

    private static string QueueOf(Asked asked) => asked.Needed(Queue) is { } name
        && AuditReplayTarget.IsQueue(name) ? name
        : throw new SettingsException($"{Queue} needs {AuditReplayTarget.QueueRule}.");

    private static JobResult Planned(AuditReplayPlan plan, AuditReplayTarget target) => new(
        plan.Count == 0 ? VerdictOf.Warning : VerdictOf.Good,
        plan.Count == 0 ? "No event fits: nothing was published."
            : $"{Figures.Count(plan.Count, "event")} would be published to {PeerText.Line(target.Name)}"
                + (target.Rate is { } rate
                    ? $", in about {Terminal.Age(TimeSpan.FromSeconds((double)plan.Count / rate))}" : "")
                + "; nothing was.")
    {
        IsAct = false,
    };

    private static JobResult Told(AuditReplayResult result, AuditReplayTarget target) => new(
        result.Ended switch
        {
            OperatorActResult.Done => VerdictOf.Good, OperatorActResult.Failed => VerdictOf.Bad, _ => VerdictOf.Warning,
        },
        $"{Figures.Count(result.Published, "event")} published to {PeerText.Line(target.Name)}.")
    {
        Lines = [.. new[] { result.Outage?.Message, result.Obstacle, result.LastText }.OfType<string>()],
    };

    private static JobResult Told(AuditVerifyResult result) => new(
        result.Differences > 0 ? VerdictOf.Bad : result.IsComplete ? VerdictOf.Good : VerdictOf.Warning,
        result.Lines[0] + ".")
    {
        IsAct = false, Lines = [.. result.First.Select(DifferenceText.Line), .. result.Lines.Skip(1)],
    };
}
