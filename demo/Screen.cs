using System.Data;
using Spectre.Console;

namespace VoiceWorker.Demo;

/// <summary>Everything that is shown; one line at a time, from whatever thread.</summary>
internal static class Screen
{
    // Without a terminal there is no width to keep to, and a broken line cannot be searched for.
    private const int WidthWithoutTerminal = 200;

    private static readonly Lock Turn = new();

    static Screen()
    {
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = WidthWithoutTerminal;
    }

    /// <summary>A new part of the demonstration.</summary>
    public static void Title(string text) => Write($"{Environment.NewLine}[bold]== {Markup.Escape(text)}[/]");

    /// <summary>What is being done or waited for.</summary>
    public static void Note(string text) => Write($"[grey]   {Markup.Escape(text)}[/]");

    /// <summary>Something that was to be seen, with a word for its kind in front.</summary>
    public static void Line(string kind, string text, string colour = "default") =>
        Write($"[{colour}]{Markup.Escape(kind),-8}{Markup.Escape(text)}[/]");

    /// <summary>Something that is wrong.</summary>
    public static void Fail(string text) => Write($"[red]{Markup.Escape(text)}[/]");

    /// <summary>Lines of text as they are, such as SQL.</summary>
    public static void Block(string text, string colour = "default")
    {
        foreach (var line in text.TrimEnd().Split('\n'))
            Write($"[{colour}]   {Markup.Escape(line)}[/]");
    }

    public static void Table(DataTable rows)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (DataColumn column in rows.Columns)
            table.AddColumn(new TableColumn(Markup.Escape(column.ColumnName)).NoWrap());
        foreach (DataRow row in rows.Rows)
            table.AddRow([.. row.ItemArray.Select(value => Markup.Escape($"{value}"))]);
        lock (Turn)
            AnsiConsole.Write(table);
    }

    private static void Write(string markup)
    {
        lock (Turn)
            AnsiConsole.MarkupLine(markup);
    }
}
