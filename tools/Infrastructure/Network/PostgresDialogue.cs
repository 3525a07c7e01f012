using System.Buffers.Binary;
using System.Text;

namespace VoiceWorker.Infrastructure.Network;

/// <summary>
/// Follows a connection to PostgreSQL and reports what becomes of marked statements, which begin with a comment such as
/// <c>/* sequence */</c>. The SQL of a prepared statement is sent once: its mark is remembered by its name.
/// </summary>
/// <remarks>
/// Close, DEALLOCATE and DISCARD ALL need no attention: the server refuses the name until it is parsed again, which
/// replaces its mark. TLS and other protocols do not get beyond the opening, and nothing is reported of them.
/// </remarks>
internal sealed class PostgresDialogue
{
    private const int SslRequest = 80_877_103;
    private const int GssRequest = 80_877_104;
    private const string Unmarked = "";

    private readonly Lock _lock = new();
    private readonly PostgresMessages _client = new();
    private readonly PostgresMessages _server = new();
    private readonly Dictionary<string, string> _marks = [];
    // What the server has yet to answer: the mark of each execution; null where it will say that it is ready.
    private readonly Queue<string?> _asked = new();
    private readonly List<string> _uncommitted = [];
    private Opening _opening = Opening.Begun;
    private string _bound = Unmarked;

    private enum Opening { Begun, EncryptionAsked, Done, Encrypted }

    /// <summary>Takes a piece; a client's before it is passed on, so that the server's answer comes later.</summary>
    public IReadOnlyList<StatementStep> Hear(Side speaker, ReadOnlySpan<byte> piece)
    {
        lock (_lock)
        {
            var steps = new List<StatementStep>();
            var rest = piece;
            // The answer is a single byte. Only a client opens.
            if (speaker == Side.Server && _opening == Opening.EncryptionAsked)
                _opening = piece[0] == 'N' ? Opening.Begun : Opening.Encrypted;
            if (_opening == Opening.Encrypted || (speaker == Side.Server && _opening != Opening.Done))
                return steps;
            var messages = speaker == Side.Client ? _client : _server;
            while (messages.TryRead(ref rest, hasType: _opening == Opening.Done))
            {
                var end = piece.Length - rest.Length;
                foreach (var (step, mark) in speaker == Side.Client ? Ask(messages) : Answer(messages))
                    steps.Add(new(step, mark, end));
            }

            return steps;
        }
    }

    private (Step Step, string Mark)[] Ask(PostgresMessages said)
    {
        switch (said.Type)
        {
            case '\0':
                _opening = BinaryPrimitives.ReadInt32BigEndian(said.Body) is SslRequest or GssRequest
                    ? Opening.EncryptionAsked : Opening.Done;
                break;
            case 'P':
                _marks[Text(said, 0)] = MarkOf(Text(said, 1));
                break;
            case 'B':
                _bound = _marks.GetValueOrDefault(Text(said, 1), Unmarked);
                return _bound == Unmarked ? [] : [(Step.Runs, _bound)];
            case 'E':
                _asked.Enqueue(_bound);
                break;
            case 'Q' or 'S':
                _asked.Enqueue(null);
                break;
        }

        return [];
    }

    private (Step Step, string Mark)[] Answer(PostgresMessages said)
    {
        switch (said.Type)
        {
            case 'C' or 'I' or 's':
                return Complete(tag: Text(said, 0));
            case 'E':
                _uncommitted.Clear();
                break;
            case 'Z':
                // After an error the server has skipped the rest up to here.
                while (_asked.TryDequeue(out var skipped) && skipped is not null) { }
                if (said.Body[0] != 'I')
                    break;
                var committed = _uncommitted.Select(mark => (Step.IsCommitted, mark)).ToArray();
                _uncommitted.Clear();
                return committed;
        }

        return [];
    }

    private (Step Step, string Mark)[] Complete(string tag)
    {
        if (tag == "ROLLBACK")
            _uncommitted.Clear();
        // A simple query, such as BEGIN, has no execution of its own.
        if (!_asked.TryPeek(out var mark) || mark is null)
            return [];
        _asked.Dequeue();
        if (mark == Unmarked)
            return [];
        _uncommitted.Add(mark);
        return tag.EndsWith(" 0", StringComparison.Ordinal) ? [] : [(Step.HasRun, mark)];
    }

    private static string Text(PostgresMessages said, int place) =>
        Encoding.Latin1.GetString(said.Body).Split('\0')[place];

    private static string MarkOf(string sql) =>
        sql.StartsWith("/* ", StringComparison.Ordinal)
        && sql.IndexOf(" */", StringComparison.Ordinal) is > 0 and var end ? sql[3..end] : Unmarked;
}
