using Npgsql;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Businesses;

namespace VoiceWorker.Boot;

/// <summary>Walks over the businesses that have a recorded change, a page at each look, round after round, and tells
/// how many have another voice than it left. On the leader only; what was found is looked at again each time, so that
/// the number falls as soon as a change settles it.</summary>
internal sealed class OutsideWatch(WorkerMetrics metrics, TimeProvider time)
{
    // More are counted no further: each is looked at again at every look.
    private const int MostKnown = 1_000;
    private static readonly TimeSpan TooLong = TimeSpan.FromMilliseconds(50);

    private readonly AdaptiveBatch _page = new(first: 1_000, least: 100, OutsideVoices.MaxPage, TooLong);
    private readonly SortedSet<int> _known = [];
    private int _after;

    /// <summary>One look; without the leadership it forgets what it knew.</summary>
    public async Task LookAsync(NpgsqlConnection connection, bool isLeader, CancellationToken cancellationToken)
    {
        if (!isLeader)
            _known.Clear();
        else
            await WalkAsync(connection, cancellationToken);
        metrics.ChangedOutside(_known.Count);
    }

    private async Task WalkAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (_known.Count > 0)
            _known.IntersectWith(await OutsideVoices.FindStillAsync(connection, _known, cancellationToken));
        var begun = time.GetTimestamp();
        var (found, last) = await OutsideVoices.FindAmongAsync(connection, _after, _page.Size, cancellationToken);
        _page.Took(time.GetElapsedTime(begun));
        _after = last ?? 0;
        _known.UnionWith(found.Select(one => one.BusinessId).Take(MostKnown - _known.Count));
    }
}
