namespace VoiceWorker.Verbs.Stub;

/// <summary>What was answered first, of the latest questions.</summary>
internal sealed class Remembered<TQuestion, TAnswer>
    where TQuestion : notnull
{
    private const int Most = 100_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<TQuestion, TAnswer> _answers = [];
    private readonly Queue<TQuestion> _order = [];

    /// <summary>The first answer to a question.</summary>
    public TAnswer GetOrAdd(TQuestion question, Func<TQuestion, TAnswer> answer)
    {
        lock (_lock)
        {
            if (_answers.TryGetValue(question, out var first))
                return first;
            if (_order.Count == Most)
                _answers.Remove(_order.Dequeue());
            _order.Enqueue(question);
            return _answers[question] = answer(question);
        }
    }
}
