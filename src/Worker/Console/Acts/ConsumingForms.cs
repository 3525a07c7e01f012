using VoiceWorker.Persistence;
using VoiceWorker.Servers;
using VoiceWorker.Verbs.Consuming;
using VoiceWorker.WebConsole.Access;

namespace VoiceWorker.WebConsole.Acts;

/// <summary>The forms of <c>pause</c>, <c>resume</c> and <c>drain</c>: as the verbs, each waits until the workers
/// obey.</summary>
internal static class ConsumingForms
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Maps them.</summary>
    public static void MapConsuming(this IEndpointRouteBuilder acts)
    {
        acts.MapJob("/pause", Roles.Operator, "Pause", asked => Queues(asked, isPaused: true));
        acts.MapJob("/resume", Roles.Operator, "Resume", asked => Queues(asked, isPaused: false));
        acts.MapJob("/drain", Roles.Operator, "Drain", asked => Worker(asked, isDraining: true));
        acts.MapJob("/undrain", Roles.Operator, "End of draining", asked => Worker(asked, isDraining: false));
    }

    private static Func<Job, Task<JobResult>> Queues(Asked asked, bool isPaused)
    {
        var queues = asked.Flag("all") ? InputQueue.All : QueueSelection.Of([asked.Needed("queue")]);
        var act = asked.Act(isPaused ? "pause" : "resume");
        var (connections, time) = ServersOf(asked);
        return async job =>
        {
            void Wait(string why) => job.Progress = why;
            var done = await (isPaused
                ? ConsumingActs.PauseAsync(connections, queues, act, Wait, job.Interruption)
                : ConsumingActs.ResumeAsync(connections, queues, act, Wait, job.Interruption));
            var what = done.Select(queue => ConsumingWords.Line(queue, isPaused)).ToList();
            job.Progress = $"{string.Join("; ", what)}. Waiting until the workers obey";
            var obedience = await Obedience.WaitAsync(
                connections, worker => isPaused
                    ? Obedience.HasStopped(worker, queues) : Obedience.Consumes(worker, queues),
                Patience, time, job.Interruption);
            return Tell(what, done.Any(queue => queue.IsNew), obedience, ConsumingWords.OfNone(isPaused));
        };
    }

    private static Func<Job, Task<JobResult>> Worker(Asked asked, bool isDraining)
    {
        var name = asked.Needed("worker");
        var act = asked.Act(isDraining ? "drain" : "resume");
        var (connections, time) = ServersOf(asked);
        return async job =>
        {
            var worker = await WorkerSelection.FindAsync(connections, name, job.Interruption);
            var isNew = await ConsumingActs.DrainAsync(
                connections, worker.WorkerId, isDraining, act, why => job.Progress = why, job.Interruption);
            var what = ConsumingWords.Line(worker, isDraining, isNew);
            job.Progress = $"{what}. Waiting until it obeys";
            var obedience = await Obedience.WaitAsync(
                connections, one => Obedience.Does(one, worker.WorkerId, isDraining), Patience, time, job.Interruption);
            return Tell([what], isNew, obedience.Of(worker.WorkerId), ConsumingWords.Ended);
        };
    }

    private static JobResult Tell(
        IReadOnlyList<string> what, bool isNew, Obedience obedience, string ofNone)
    {
        var workers = ConsumingWords.Workers(obedience, ofNone).ToList();
        return new(obedience.IsComplete ? VerdictOf.Good : VerdictOf.Warning, string.Join("; ", [.. what, workers[0]]))
        {
            IsAct = isNew, Lines = workers[1..],
        };
    }

    private static (PostgresConnections Connections, TimeProvider Time) ServersOf(Asked asked) => (
        asked.Services.GetRequiredService<PostgresConnections>(), asked.Services.GetRequiredService<TimeProvider>());
}
