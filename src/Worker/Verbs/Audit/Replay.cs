using VoiceWorker.Persistence.Audit;
using VoiceWorker.Relay;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Audit;

/// <summary>Publishes events of the store again, portion by portion, each confirmed before the next.</summary>
internal sealed class Replay(AuditPublisher publisher, Pace pace, IProgress<long> progress)
{
    /// <summary>Events that the broker has confirmed.</summary>
    public long Published { get; private set; }

    /// <summary>The last of them; null when there is none.</summary>
    public StoredEvent? Last { get; private set; }

    /// <summary>Publishes until the end or the first event that is not taken.</summary>
    /// <param name="events">In order.</param>
    /// <returns>Why it stopped, naming the event; null when it did not.</returns>
    public async Task<string?> RunAsync(IAsyncEnumerable<StoredEvent> events, CancellationToken cancellationToken)
    {
        await foreach (var portion in events.Chunk(pace.Portion).WithCancellation(cancellationToken))
        {
            await pace.WaitAsync(portion.Length, cancellationToken);
            for (var done = 0; done < portion.Length;)
            {
                // What has been sent is waited for: the count is right also when it is interrupted.
                var result = await publisher.PublishAsync(portion[done..], published: 0, CancellationToken.None);
                done += result.Delivered;
                Published += result.Delivered;
                Last = done > 0 ? portion[done - 1] : Last;
                progress.Report(Published);
                if (result.Obstacle is { } obstacle)
                    return $"{NameOf(portion[done])} was not taken: {obstacle}";
            }
        }

        return null;
    }

    /// <summary>An event for people.</summary>
    public static string NameOf(StoredEvent stored) =>
        $"{stored.Event.GetType().Name} {stored.Event.EventId} ({stored.Event.Stream}, {stored.Event.Sequence})";
}
