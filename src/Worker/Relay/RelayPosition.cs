namespace VoiceWorker.Relay;

/// <summary>
/// Where a leader stands in the event store, in positions (<c>mt_events.seq_id</c>, which grow and have gaps).
/// Always checkpoint ≤ published ≤ kept ≤ sequenced.
/// </summary>
internal readonly record struct RelayPosition
{
    /// <summary>The end of the store before it has been read to there.</summary>
    public const long Unknown = long.MaxValue;

    private RelayPosition(long checkpoint, long published, long kept, long sequenced)
    {
        if (checkpoint > published || published > kept || kept > sequenced)
        {
            throw new InvalidOperationException(
                $"The relay is not where it can be: checkpoint {checkpoint}, published {published}, "
                + $"kept {kept}, sequenced {sequenced}");
        }

        (Checkpoint, Published, Kept, Sequenced) = (checkpoint, published, kept, sequenced);
    }

    /// <summary>What the database knows to be published: a crash repeats what comes after it.</summary>
    public long Checkpoint { get; }

    /// <summary>Everything up to it is confirmed by the broker, in order.</summary>
    public long Published { get; }

    /// <summary>Everything up to it is published, or in memory to be.</summary>
    public long Kept { get; }

    /// <summary>The end of the store: a leader is its only writer.</summary>
    public long Sequenced { get; }

    /// <summary>Whether there is something in memory to publish.</summary>
    public bool HasPage => Published < Kept;

    /// <summary>Whether there is more to publish, and none of it in memory.</summary>
    public bool MustRead => !HasPage && Kept < Sequenced;

    /// <summary>Whether what is sequenced next follows on what is in memory, and need not be read back.</summary>
    public bool IsAtEnd => Kept == Sequenced;

    /// <summary>Whether a crash would repeat something.</summary>
    public bool IsCheckpointBehind => Checkpoint < Published;

    /// <summary>Of a new leader. What an earlier one achieved is in the database; what it only held in memory is
    /// published again.</summary>
    public static RelayPosition At(long checkpoint) => new(checkpoint, checkpoint, checkpoint, Unknown);

    /// <summary>Whether the checkpoint lags so far that the next transaction must advance it, whatever else it
    /// does.</summary>
    /// <param name="pageSize">How much a crash may repeat.</param>
    /// <param name="isIdle">Whether nothing is being published: then every transaction may.</param>
    public bool MustAdvance(int pageSize, bool isIdle) =>
        IsCheckpointBehind && (isIdle || Published - Checkpoint >= pageSize);

    /// <summary>A page was committed to the store.</summary>
    /// <param name="last">Position of its last event.</param>
    public RelayPosition Sequence(long last) => new(Checkpoint, Published, Kept, last);

    /// <summary>Everything up to there is in memory.</summary>
    public RelayPosition Keep(long last) => new(Checkpoint, Published, last, Math.Max(last, Sequenced));

    /// <summary>There is nothing behind what is in memory.</summary>
    public RelayPosition ReachEnd() => new(Checkpoint, Published, Kept, Kept);

    /// <summary>The broker has confirmed everything up to there.</summary>
    public RelayPosition Publish(long last) => new(Checkpoint, last, Kept, Sequenced);

    /// <summary>The checkpoint was committed.</summary>
    public RelayPosition Advance() => new(Published, Published, Kept, Sequenced);
}
