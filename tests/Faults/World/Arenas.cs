using System.Collections.Concurrent;
using VoiceWorker.Tests.Faults.World;
using Xunit;

[assembly: AssemblyFixture(typeof(Arenas))]
// Most of a script is waiting: for a boot, a broker, a timeout. Each has an arena for itself.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.Collections, MaxThreads = Arenas.Count)]
[assembly: TestCollectionOrderer(typeof(LongestScriptsFirst))]

namespace VoiceWorker.Tests.Faults.World;

/// <summary>The arenas of this run. One is opened when a script finds none free.</summary>
public sealed class Arenas : IAsyncLifetime
{
    /// <summary>How many scripts run at the same time.</summary>
    public const int Count = 3;

    /// <summary>Of the scripts in <c>./test</c>, which take turns in one.</summary>
    public const string OfShortRun = "./test";

    private readonly ConcurrentBag<Arena> _free = [];

    /// <summary>An arena for one script.</summary>
    public async Task<Arena> RentAsync(CancellationToken cancellationToken) =>
        _free.TryTake(out var free) ? free : await Arena.OpenAsync(cancellationToken);

    /// <summary>Its servers run, and nobody uses them.</summary>
    public void Return(Arena arena) => _free.Add(arena);

    /// <inheritdoc />
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var arena in _free)
            await arena.DisposeAsync();
    }
}
