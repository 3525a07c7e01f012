namespace VoiceWorker.Bench;

/// <summary>An audit event as the judge sees it: which message caused it, where it belongs, its place there (0 when the
/// system keeps none), and what is wrong with it in itself.</summary>
internal readonly record struct Observation(int Index, string Stream, long Sequence, string? Fault);

/// <summary>What became of the messages: each must have led to one event, and that to be right.</summary>
internal sealed record Verdict(int Messages, int Lost, int Doubled, int Wrong, IReadOnlyList<string> Examples)
{
    public bool IsClean => Lost + Doubled + Wrong == 0;

    public override string ToString() => $"{Lost} lost, {Doubled} doubled, {Wrong} wrong of {Messages}"
        + string.Concat(Examples.Select(example => $"\n    {example}"));
}

/// <summary>Counts what is lost, doubled or wrong. Events are shown to it in the order of the queue.</summary>
/// <param name="messages">Indices are 0 … messages - 1.</param>
/// <param name="before">Sequence of the last event that each stream had before; streams without one begin at 1.</param>
internal sealed class Judge(int messages, IReadOnlyDictionary<string, long>? before = null)
{
    private const int MostExamples = 5;

    private readonly bool[] _seen = new bool[messages];
    private readonly Dictionary<string, long> _last = new(before ?? new Dictionary<string, long>());
    private readonly List<string> _examples = [];
    private int _doubled;
    private int _wrong;

    /// <summary>Messages that have their event.</summary>
    public int Unique { get; private set; }

    public void Add(Observation observed)
    {
        if (observed.Index < 0 || observed.Index >= _seen.Length)
        {
            Blame($"an event of no message: {observed}");
        }
        else if (_seen[observed.Index])
        {
            // At least once: a repeat keeps its place, so it says nothing about the sequence.
            _doubled++;
        }
        else
        {
            (_seen[observed.Index], Unique) = (true, Unique + 1);
            if (observed.Fault is not null)
                Blame(observed.Fault);
            else
                CheckPlace(observed);
        }
    }

    public Verdict Conclude() => new(_seen.Length, _seen.Length - Unique, _doubled, _wrong, _examples);

    private void CheckPlace(Observation observed)
    {
        if (observed.Sequence == 0)
            return;
        var expected = _last.GetValueOrDefault(observed.Stream) + 1;
        if (observed.Sequence != expected)
            Blame($"{observed.Stream} has {observed.Sequence} where {expected} should be");
        _last[observed.Stream] = observed.Sequence;
    }

    private void Blame(string what)
    {
        _wrong++;
        if (_examples.Count < MostExamples)
            _examples.Add(what);
    }
}
