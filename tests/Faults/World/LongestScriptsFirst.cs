using VoiceWorker.Tests.Faults.Scripts;
using Xunit.Sdk;
using Xunit.v3;

namespace VoiceWorker.Tests.Faults.World;

/// <summary>So that no arena stands empty while the longest script runs alone.</summary>
internal sealed class LongestScriptsFirst : ITestCollectionOrderer
{
    private static readonly Type[] Longest =
    [
        typeof(RandomKills), typeof(HalfOpenBroker), typeof(HalfOpenDatabase), typeof(LeaderFrozen),
        typeof(FrozenBeforeSequenceCommit),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => Rank(collection.TestCollectionDisplayName))];

    // A script is a class, and a class is a collection that has its name; those of ./test are one.
    private static int Rank(string collection)
    {
        if (collection == Arenas.OfShortRun)
            return 0;
        var place = Array.FindIndex(Longest, script => collection.Contains(script.FullName!, StringComparison.Ordinal));
        return place < 0 ? Longest.Length : place;
    }
}
