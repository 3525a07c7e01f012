namespace VoiceWorker.Verbs.Shell;

/// <summary>Rows in columns. The last column wraps between words; where it has no room it goes below its row.</summary>
internal sealed class TextTable(params string[] titles)
{
    private const int Page = 1000;
    private const int LeastRoom = 30;
    private const string Gap = "  ";

    private readonly List<string[]> _rows = [titles];
    private readonly int[] _widths = [.. titles.Select(title => title.Length)];
    private bool _isBegun;

    /// <summary>Columns as wide as the first thousand rows need; later ones widen them.</summary>
    public void Add(params string[] cells)
    {
        _rows.Add(cells);
        if (_rows.Count > Page)
            Flush();
    }

    /// <summary>Writes what is left; nothing when there never was a row.</summary>
    public void Flush()
    {
        if (_rows.Count == 1 && !_isBegun)
            return;
        _isBegun = true;
        for (var column = 0; column < _widths.Length - 1; column++)
            _widths[column] = _rows.Select(row => row[column].Length).Append(_widths[column]).Max();
        foreach (var line in _rows.SelectMany(row => Lines(row, Terminal.Width)))
            Console.WriteLine(line);
        _rows.Clear();
    }

    /// <summary>One row as lines.</summary>
    internal IEnumerable<string> Lines(string[] row, int width)
    {
        var front = string.Join(Gap, row.SkipLast(1).Select((cell, column) => cell.PadRight(_widths[column])));
        var room = width - front.Length - Gap.Length;
        if (room >= LeastRoom || row == titles)
        {
            var below = new string(' ', front.Length + Gap.Length);
            return Terminal.Wrap(row[^1], Math.Max(room, LeastRoom))
                .Select((line, i) => ((i == 0 ? front + Gap : below) + line).TrimEnd());
        }

        return Terminal.Wrap(row[^1], width - (2 * Gap.Length)).Select(line => Gap + Gap + line)
            .Prepend(front.TrimEnd());
    }
}
