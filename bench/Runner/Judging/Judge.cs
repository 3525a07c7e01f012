namespace VoiceWorker.Bench.Judging;

/// <summary>Counts what is lost, doubled or wrong. Events are shown to it in the order of the queue.</summary>
internal sealed class Judge
{
    private const int MostExamples = 5;

    private readonly bool[] _seen;
    private readonly Dictionary<string, long> _last;
    private readonly List<string> _examples = [];
    private int _doubled;
    private int _wrong;

    /// <param name="messages">Indices are 0 … messages - 1.</param>
    /// <param name="before">Sequence of the last event that each stream had before; streams without one begin at 1.</param>
    public Judge(int messages, IReadOnlyDictionary<string, long>? before = null) =>
        (_seen, _last) = (new bool[messages], new Dictionary<string, long>(before ?? new Dictionary<string, long>()));

    /// <summary>Messages that have their event.</summary>
    public int Unique { get; private set; }

    public void Add(Observation observed)
    {
        if (observed.Index < 0 || observed.Index >= _seen.Length)
        {
            Blame($"an event of no message: {observed}");
            return;
        }

        if (_seen[observed.Index])
        {
            // At least once: a repeat keeps its place, so it says nothing about the sequence.
            _doubled++;
            return;
        }

        (_seen[observed.Index], Unique) = (true, Unique + 1);
        if (observed.Fault is not null)
            Blame(observed.Fault);
        else
            CheckPlace(observed);
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
