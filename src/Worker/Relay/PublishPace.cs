namespace VoiceWorker.Relay;

/// <summary>
/// How many events are published at a time. All of a page, until the broker stops one: the queues that took what
/// came after the stopped event get that again. So its head is tried alone, after rests that double, and when it
/// goes through, pages grow from one event.
/// </summary>
/// <param name="Size">At most so many.</param>
/// <param name="Refusals">How often in a row the head was refused.</param>
/// <param name="Rest">How many rounds pass before the head is tried again.</param>
internal readonly record struct PublishPace(int Size, int Refusals, int Rest)
{
    private const int Unlimited = int.MaxValue;
    private const int GrowthShare = 8;
    private const int MostDoublings = 10;

    /// <summary>Before anything was stopped.</summary>
    public static PublishPace Full { get; } = new(Unlimited, 0, 0);

    /// <summary>After a page.</summary>
    /// <param name="result">What became of it. An event that reaches no queue is tried each round: that repeats
    /// nothing, and a consumer that binds gets it at once.</param>
    /// <param name="longestRest">In rounds.</param>
    public PublishPace After(PublishResult result, int longestRest) => result switch
    {
        { Obstacle: null, IsRefused: false } => Grow(),
        { Obstacle: not null, IsRefused: true } => Refuse(longestRest),
        _ => new(1, 0, 0),
    };

    /// <summary>A round passed without a try.</summary>
    public PublishPace RestOnce() => this with { Rest = Rest - 1 };

    private PublishPace Refuse(int longestRest)
    {
        var doubled = (1 << Math.Min(Refusals, MostDoublings)) - 1;
        return new(1, Refusals + 1, Math.Min(doubled, longestRest));
    }

    // Growing by an eighth, what a queue that is full again makes the others see twice stays an eighth of all.
    private PublishPace Grow() => Size > Unlimited / 2
        ? Full : new(Size + Math.Max(1, Size / GrowthShare), 0, 0);
}
