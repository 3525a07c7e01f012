namespace VoiceWorker.Verbs.Shell;

/// <summary>Rows in columns. The last column wraps between words; a column that has no room goes below its row, and
/// nothing is broken within a word.</summary>
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
        Measure();
        foreach (var line in _rows.SelectMany(row => Lines(row, Terminal.Width)))
            Console.WriteLine(line);
        _rows.Clear();
    }

    /// <summary>Makes the columns as wide as the rows need.</summary>
    internal void Measure()
    {
        for (var column = 0; column < _widths.Length - 1; column++)
            _widths[column] = _rows.Select(row => row[column].Length).Append(_widths[column]).Max();
    }

    /// <summary>One row as lines.</summary>
    internal IEnumerable<string> Lines(string[] row, int width)
    {
        var front = Front(row, row.Length - 1);
        var room = width - front.Length - Gap.Length;
        if (room < LeastRoom)
            return Stacked(row, width);
        var below = new string(' ', front.Length + Gap.Length);
        return Terminal.Wrap(row[^1], room).Select((line, i) => ((i == 0 ? front + Gap : below) + line).TrimEnd());
    }

    // As many columns as have room in every row; the others below, each in a line of its own.
    private IEnumerable<string> Stacked(string[] row, int width)
    {
        var beside = _widths.Length - 1;
        while (beside > 1 && _widths.Take(beside).Sum(column => column + Gap.Length) - Gap.Length > width)
            beside--;
        yield return Front(row, beside).TrimEnd();
        var below = row == titles ? [string.Join(Gap, row.Skip(beside))] : row.Skip(beside);
        foreach (var line in below.SelectMany(cell => Terminal.Wrap(cell, width - (2 * Gap.Length))))
            yield return Gap + Gap + line;
    }

    private string Front(string[] row, int columns) =>
        string.Join(Gap, row.Take(columns).Select((cell, column) => cell.PadRight(_widths[column])));
}
