using System.Text;

namespace VoiceWorker.Tests.Integration.Hosting;

/// <summary>
/// Standard output and standard error of what runs within the suite's process: what is written below <see cref="To"/>, on
/// whichever thread, goes to that writer, all else to where it went before.
/// </summary>
internal sealed class ConsoleRoute(TextWriter console) : TextWriter
{
    private static readonly AsyncLocal<TextWriter?> Current = new();
    private static readonly Lazy<bool> Laid = new(Lay);

    public override Encoding Encoding => console.Encoding;

    private TextWriter Target => Current.Value ?? console;

    /// <summary>Until it is disposed, in this method and for ever in all that it begins.</summary>
    public static IDisposable To(TextWriter writer)
    {
        Current.Value = Laid.Value ? writer : null;
        return new Back();
    }

    private static bool Lay()
    {
        Console.SetOut(new ConsoleRoute(Console.Out));
        Console.SetError(new ConsoleRoute(Console.Error));
        return true;
    }

    public override void Write(char value) => Target.Write(value);

    public override void Write(string? value) => Target.Write(value);

    public override void Write(char[] buffer, int index, int count) => Target.Write(buffer, index, count);

    public override void WriteLine() => Target.WriteLine();

    public override void WriteLine(string? value) => Target.WriteLine(value);

    public override void Flush() => Target.Flush();

    private sealed class Back : IDisposable
    {
        public void Dispose() => Current.Value = null;
    }
}
