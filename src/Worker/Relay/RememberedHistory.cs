using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Relay;

/// <summary>What is remembered beyond what a database knows to be published.</summary>
/// <param name="Events">Distinct by id, in the order in which they were published.</param>
/// <param name="Extent">Whether these are all.</param>
internal sealed record RememberedHistory(IReadOnlyList<PublishedEvent> Events, MemoryExtent Extent)
{
    /// <summary>Of no memory.</summary>
    public static RememberedHistory Unknown { get; } = new([], MemoryExtent.Unknown);

    /// <summary>Puts pages together. Each says after which position it comes. Those of another database are not
    /// counted, nor those that led to the history that is known: a leader of it has dealt with them.</summary>
    /// <param name="pages">In the order of the memory.</param>
    /// <param name="known">What the database knows, with an origin.</param>
    public static RememberedHistory Of(IReadOnlyList<RememberedPage> pages, NotedHistory known)
    {
        var events = new List<PublishedEvent>();
        var ends = new Dictionary<HistoryOrigin, long> { [known.Origin!] = known.Published };
        var (hasHole, isFound) = (false, false);
        var here = pages.Where(page => page.Origin.Database == known.Origin!.Database).ToList();
        var past = Math.Max(0, here.FindIndex(page => page.Origin == known.Origin));
        foreach (var page in here.Skip(past))
        {
            var isKnown = page.Origin == known.Origin;
            // The first leader on a new timeline marks where that begins.
            var isJoined = ends.TryGetValue(page.Origin, out var end) ? page.After <= end : page.IsTakeover;
            hasHole |= !isJoined;
            isFound |= isKnown && isJoined;
            ends[page.Origin] = Math.Max(ends.GetValueOrDefault(page.Origin), page.Last);
            // The checkpoint is behind its events.
            if (!isKnown || page.Last > known.Published)
                events.AddRange(page.ReadEvents());
        }

        return new(
            [.. events.DistinctBy(one => one.Event.EventId)],
            hasHole ? MemoryExtent.Hole : isFound ? MemoryExtent.Whole : MemoryExtent.Unknown);
    }
}

/// <summary>How much of what a database may lack is remembered.</summary>
internal enum MemoryExtent
{
    /// <summary>All, from what the database knows to the end.</summary>
    Whole,

    /// <summary>Not all: something is missing in between.</summary>
    Hole,

    /// <summary>There is nothing of the history that the database knows.</summary>
    Unknown,
}
