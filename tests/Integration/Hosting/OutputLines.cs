using System.Text;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Tests.Integration.Hosting;

/// <summary>What is written, by line.</summary>
internal sealed class OutputLines : TextWriter
{
    private readonly Lock _lock = new();
    private readonly OutputTail _lines = new(capacity: 5000);
    private readonly StringBuilder _line = new();

    public override Encoding Encoding => Encoding.UTF8;

    public IReadOnlyList<string> Lines => _lines.Lines();

    public override void Write(char value)
    {
        lock (_lock)
            Add(value);
    }

    public override void Write(string? value)
    {
        lock (_lock)
        {
            foreach (var character in value ?? "")
                Add(character);
        }
    }

    public override void WriteLine(string? value) => Write(value + "\n");

    // What comes after the last end of a line is a line too.
    public override void Flush()
    {
        lock (_lock)
        {
            if (_line.Length > 0)
                Add('\n');
        }
    }

    private void Add(char character)
    {
        if (character != '\n')
        {
            _line.Append(character);
            return;
        }

        _lines.Add(_line.ToString().TrimEnd('\r'));
        _line.Clear();
    }
}
