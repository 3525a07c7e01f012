using System.Globalization;
using VoiceWorker.Persistence;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.WebConsole.Parts;

/// <summary>Figures as every page writes them.</summary>
internal static class Figures
{
    /// <summary>With separators; a dash for what is not known.</summary>
    public static string Number(double? value) => value switch
    {
        null => "–",
        { } given when Math.Abs(given) >= 100 || given == Math.Floor(given) =>
            given.ToString("N0", CultureInfo.InvariantCulture),
        { } given => given.ToString("0.##", CultureInfo.InvariantCulture),
    };

    /// <summary>A share as a percentage.</summary>
    public static string Share(double? share) => share switch
    {
        null => "–",
        > 0 and < 0.001 => "< 0.1 %",
        { } given => string.Create(CultureInfo.InvariantCulture, $"{given * 100:0.#} %"),
    };

    /// <summary>An age or a duration from seconds.</summary>
    public static string Age(double? seconds) =>
        seconds is { } given ? Terminal.Age(TimeSpan.FromSeconds(given)) : "–";

    /// <summary>A time of day, UTC.</summary>
    public static string Clock(DateTimeOffset at) =>
        at.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A count with its noun.</summary>
    public static string Count(long count, string one, string? many = null) => Terminal.Count(count, one, many);

    /// <summary>Text of somebody else, fit for a page; a dash for none.</summary>
    public static string Text(string? text) => text is null ? "–" : PeerText.Line(text);

    /// <summary>An instant of JSON.</summary>
    public static DateTimeOffset? At(System.Text.Json.Nodes.JsonNode? instant) => instant is null ? null
        : DateTimeOffset.Parse((string)instant!, CultureInfo.InvariantCulture);
}
