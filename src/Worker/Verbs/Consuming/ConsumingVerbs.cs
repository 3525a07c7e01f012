using VoiceWorker.Persistence;
using VoiceWorker.Servers;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Consuming;

/// <summary><c>pause</c>, <c>resume</c>: queues, for all workers; <c>drain</c>, <c>resume --worker</c>: one worker, for
/// all queues. Each waits until the workers obey.</summary>
internal static class ConsumingVerbs
{
    public static Task<int> PauseAsync(
        string[] settings, IReadOnlyList<InputQueue> queues, TimeSpan patience, bool json, OperatorAct act) =>
        Tools.WithSchemaAsync(settings, async services =>
        {
            var connections = services.GetRequiredService<PostgresConnections>();
            var acts = await ConsumingActs.PauseAsync(
                connections, queues, act, Console.Error.WriteLine, CancellationToken.None);
            var obedience = await WaitAsync(services, worker => Obedience.HasStopped(worker, queues), patience);
            return ConsumingScreen.Tell(acts, isPaused: true, obedience, json);
        });

    public static Task<int> ResumeAsync(
        string[] settings, IReadOnlyList<InputQueue> queues, TimeSpan patience, bool json, OperatorAct act) =>
        Tools.WithSchemaAsync(settings, async services =>
        {
            var connections = services.GetRequiredService<PostgresConnections>();
            var acts = await ConsumingActs.ResumeAsync(
                connections, queues, act, Console.Error.WriteLine, CancellationToken.None);
            var obedience = await WaitAsync(services, worker => Obedience.Consumes(worker, queues), patience);
            return ConsumingScreen.Tell(acts, isPaused: false, obedience, json);
        });

    /// <param name="name">Host, or beginning of the id.</param>
    /// <param name="isDraining">Whether it is to consume nothing more, or to go on.</param>
    public static Task<int> DrainAsync(
        string[] settings, string name, bool isDraining, TimeSpan patience, bool json, OperatorAct act) =>
        Tools.WithSchemaAsync(settings, async services =>
        {
            var connections = services.GetRequiredService<PostgresConnections>();
            var worker = await WorkerSelection.FindAsync(connections, name, CancellationToken.None);
            var isNew = await ConsumingActs.DrainAsync(
                connections, worker.WorkerId, isDraining, act, Console.Error.WriteLine, CancellationToken.None);
            var obedience = await WaitAsync(
                services, one => Obedience.Does(one, worker.WorkerId, isDraining), patience);
            return ConsumingScreen.Tell(worker, isDraining, isNew, obedience.Of(worker.WorkerId), json);
        });

    private static Task<Obedience> WaitAsync(
        IServiceProvider services, Func<WorkerState, bool> obeys, TimeSpan patience) => Obedience.WaitAsync(
        services.GetRequiredService<PostgresConnections>(), obeys, patience,
        services.GetRequiredService<TimeProvider>(), CancellationToken.None);
}
