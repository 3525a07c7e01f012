using System.Globalization;
using Spectre.Console;

namespace VoiceWorker.Verbs.Shell;

/// <summary>Who is at the other end of the output, and how text is made for people.</summary>
internal static class Terminal
{
    private const int Narrowest = 40;

    /// <summary>Whether a person looks at the output as it comes, so that it can be redrawn.</summary>
    public static bool IsInteractive => !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive;

    /// <summary>Whether a person can be asked.</summary>
    public static bool CanAsk => !Console.IsInputRedirected && !Console.IsOutputRedirected;

    /// <summary>Says on standard error that a list is not all there is, where it is not.</summary>
    /// <param name="which">Which of all were shown, such as <c>oldest</c>.</param>
    public static async Task TellOfRestAsync(string which, int shown, long count)
    {
        if (shown < count)
        {
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"These are the {which} {shown:N0} of {count:N0}; --limit 0 shows all."));
        }
    }

    /// <summary>A count with its noun.</summary>
    /// <param name="many">Of the noun, where that is not with an s.</param>
    public static string Count(long count, string one, string? many = null) => string.Create(
        CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? one : many ?? one + "s")}");

    /// <summary>Columns; none are counted where the output is piped, so that lines stay whole.</summary>
    public static int Width { get; } = Console.IsOutputRedirected ? int.MaxValue : Math.Max(Narrowest, Columns());

    /// <summary>The one way in which screens show an instant.</summary>
    public static string Instant(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    /// <summary>The one way in which screens show for how long something is so.</summary>
    public static string Age(TimeSpan age) =>
        age < TimeSpan.Zero ? "0s"
        : age.TotalSeconds < 10 ? string.Create(CultureInfo.InvariantCulture, $"{age.TotalSeconds:0.#}s")
        : age.TotalMinutes < 1 ? $"{(int)age.TotalSeconds}s"
        : age.TotalHours < 1 ? $"{(int)age.TotalMinutes}m"
        : age.TotalDays < 1 ? $"{(int)age.TotalHours}h" : $"{(int)age.TotalDays}d";

    /// <summary>Writes a sentence, wrapped where it is wider than the screen.</summary>
    public static void WriteWrapped(string text)
    {
        foreach (var line in Wrap(text, Width))
            Console.WriteLine(line);
    }

    /// <summary>Lines no wider than that, broken between words; a word that is longer is cut nowhere else.</summary>
    public static IEnumerable<string> Wrap(string text, int width)
    {
        while (text.Length > width)
        {
            var end = text.LastIndexOf(' ', width);
            if (end <= 0)
                end = text.IndexOf(' ', StringComparison.Ordinal);
            if (end <= 0)
                break;
            yield return text[..end];
            text = text[(end + 1)..];
        }

        yield return text;
    }

    private static int Columns()
    {
        try
        {
            return Console.WindowWidth;
        }
        catch (IOException)
        {
            return 80;
        }
    }
}
