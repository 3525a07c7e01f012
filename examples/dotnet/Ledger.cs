using System.Text;
using System.Text.Json;

namespace VoiceWorker.Example;

/// <summary>
/// Which events have been handled. A file of one event a line is both: what was done with them, and the note that it was.
/// With a database of your own, keep both there instead, in the same transaction as what you do.
/// </summary>
public sealed class Ledger : IDisposable
{
    private readonly Dictionary<string, long> _last = [];
    private readonly Dictionary<string, (long Sequence, string? Hash)> _heads = [];
    private readonly HashSet<(string Stream, long Sequence)> _gaps = [];
    private readonly FileStream _file;

    public Ledger(string path)
    {
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var end = 0L;
        foreach (var line in WholeLines(path))
        {
            end += Encoding.UTF8.GetByteCount(line) + 1;
            IsNew(Position(line));
            Follows(line);
        }

        // A line that a crash cut off was not acknowledged: it comes again.
        _file.SetLength(end);
        _file.Position = end;
    }

    /// <summary>Handles an event unless that was done before; true if it is new. Returns when the disk has it.</summary>
    /// <param name="body">As it came.</param>
    /// <param name="type">Its AMQP type.</param>
    public bool Add(string body, string type)
    {
        var position = Position(body);
        if (!IsNew(position))
            return false;
        // Here is your part. This example keeps every event with its type, without line ends of its own.
        var line = $"{{\"type\":\"{type}\",{body.ReplaceLineEndings(" ").TrimStart()[1..]}";
        if (!Follows(line))
            Console.WriteLine($"altered: {position.Stream} {position.Sequence}");
        _file.Write(Encoding.UTF8.GetBytes(line + "\n"));
        _file.Flush(flushToDisk: true);
        return true;
    }

    // By arithmetic: sequences of a stream are 1, 2, 3 …, and a repeat has the same one.
    private bool IsNew((string Stream, long Sequence) position)
    {
        var last = _last.GetValueOrDefault(position.Stream);
        if (position.Sequence <= last)
            return _gaps.Remove(position);
        _last[position.Stream] = position.Sequence;
        // None, unless this queue was bound late.
        for (var missing = last + 1; missing < position.Sequence; missing++)
            _gaps.Add((position.Stream, missing));
        return true;
    }

    // By its hash, which chains it to the one before: false when somebody has altered one of them.
    private bool Follows(string line)
    {
        using var json = JsonDocument.Parse(line);
        var (stream, sequence) = Position(line);
        var head = _heads.GetValueOrDefault(stream);
        if (sequence > head.Sequence)
            _heads[stream] = (sequence, Chain.HashIn(json.RootElement));
        return Chain.Follows(json.RootElement, head);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>What is there and what is not, counted from the events themselves.</summary>
    /// <param name="path">The file.</param>
    public static (int Events, int Streams, long Missing, int Repeated) Proof(string path)
    {
        var events = WholeLines(path).Select(Position).ToList();
        var distinct = events.ToHashSet();
        var streams = distinct.GroupBy(position => position.Stream).ToList();
        var expected = streams.Sum(stream => stream.Max(position => position.Sequence));
        return (events.Count, streams.Count, expected - distinct.Count, events.Count - distinct.Count);
    }

    /// <summary>Events that do not follow on the one before, also when it is this file that was altered.</summary>
    /// <param name="path">The file.</param>
    public static IEnumerable<(string Stream, long Sequence)> Altered(string path)
    {
        var head = (Stream: "", Sequence: 0L, Hash: (string?)null);
        foreach (var line in WholeLines(path).OrderBy(Position))
        {
            using var json = JsonDocument.Parse(line);
            var (stream, sequence) = Position(line);
            if (!Chain.Follows(json.RootElement, head.Stream == stream ? (head.Sequence, head.Hash) : default))
                yield return (stream, sequence);
            head = (stream, sequence, Chain.HashIn(json.RootElement));
        }
    }

    private static IEnumerable<string> WholeLines(string path)
    {
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
        var text = new StreamReader(file).ReadToEnd();
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static (string Stream, long Sequence) Position(string body)
    {
        using var json = JsonDocument.Parse(body);
        var (stream, sequence) = (json.RootElement.GetProperty("stream"), json.RootElement.GetProperty("sequence"));
        return (stream.GetString()!, sequence.GetInt64());
    }
}
