using System.Collections.Concurrent;

namespace VoiceWorker.WebConsole.Acts;

/// <summary>The jobs of this process, those that have ended for a while.</summary>
internal sealed class JobBoard(TimeProvider time, IHostApplicationLifetime host)
{
    private const int Kept = 100;

    // Most are over before a page would have to show that they run.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Guid, Job> _jobs = [];

    /// <summary>One of them; null when it is not known here.</summary>
    public Job? Find(string? id) =>
        Guid.TryParse(id, out var known) && _jobs.TryGetValue(known, out var job) ? job : null;

    /// <summary>Begins one; returns when it is over, or else soon.</summary>
    public async Task<Job> StartAsync(string title, string person, Func<Job, Task<JobResult>> act)
    {
        var job = new Job(title, person, time.GetUtcNow(), host.ApplicationStopping);
        Forget();
        _jobs[job.Id] = job;
        var running = Task.Run(() => job.RunAsync(act));
        await running.WaitAsync(Patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return job;
    }

    private void Forget()
    {
        foreach (var old in _jobs.Values.Where(job => job.Result is not null)
            .OrderByDescending(job => job.StartedAt).Skip(Kept))
            _jobs.TryRemove(old.Id, out _);
    }
}
