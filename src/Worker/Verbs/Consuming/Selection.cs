using VoiceWorker.Persistence;
using VoiceWorker.Servers;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Consuming;

/// <summary>Which queues are meant.</summary>
internal static class QueueSelection
{
    /// <summary>Names that are short enough to be typed.</summary>
    public static IReadOnlyList<string> ShortNames { get; } = [.. InputQueue.All.Select(queue => queue.ShortName)];

    /// <summary>Those of some names, full or short, in any case.</summary>
    /// <exception cref="SettingsException">There is none of a name; says which there are.</exception>
    public static IReadOnlyList<InputQueue> Of(IEnumerable<string> names) => [.. names.Select(Of).Distinct()];

    private static InputQueue Of(string name) => InputQueue.All.FirstOrDefault(queue =>
            name.Equals(queue.Name, StringComparison.OrdinalIgnoreCase)
            || name.Equals(queue.ShortName, StringComparison.OrdinalIgnoreCase))
        ?? throw new SettingsException(
            $"The worker consumes no queue '{PeerText.Line(name)}'"
            + $"{Spelling.DidYouMean(name, ShortNames.Concat(InputQueue.All.Select(queue => queue.Name)))}; "
            + $"there are {string.Join(", ", ShortNames)}.");
}

/// <summary>Which worker is meant.</summary>
internal static class WorkerSelection
{
    /// <summary>As screens show it: host and beginning of the id.</summary>
    public static string Name(WorkerState worker) =>
        $"{PeerText.Line(worker.Host)} ({worker.WorkerId.ToString()[..8]})";

    /// <summary>The same of those that run now.</summary>
    /// <inheritdoc cref="Of"/>
    public static async Task<WorkerState> FindAsync(
        PostgresConnections connections, string name, CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        return Of(await WorkerTable.RunningAsync(connection, cancellationToken), name);
    }

    /// <summary>The one with this host, or whose id begins so.</summary>
    /// <param name="running">All that run.</param>
    /// <param name="name">As it was given.</param>
    /// <exception cref="SettingsException">There is none or more than one; says which there are.</exception>
    public static WorkerState Of(IReadOnlyList<WorkerState> running, string name)
    {
        var meant = running.Where(one => one.Host.Equals(name, StringComparison.OrdinalIgnoreCase)).ToList();
        if (meant.Count == 0)
        {
            meant = [.. running.Where(one =>
                one.WorkerId.ToString().StartsWith(name, StringComparison.OrdinalIgnoreCase))];
        }

        return meant.Count == 1 ? meant[0] : throw new SettingsException(Explain(running, meant, PeerText.Line(name)));
    }

    private static string Explain(
        IReadOnlyList<WorkerState> running, IReadOnlyList<WorkerState> meant, string name) => (running, meant) switch
    {
        ({ Count: 0 }, _) => "No worker has written its row lately: there is none to be named.",
        (_, { Count: 0 }) => $"No running worker is called '{name}'"
            + $"{Spelling.DidYouMean(name, running.Select(one => one.Host))}; there are {List(running)}.",
        _ => $"'{name}' can be each of {List(meant)}: give the beginning of an id.",
    };

    private static string List(IEnumerable<WorkerState> workers) => string.Join(", ", workers.Select(Name));
}
