using System.Globalization;
using VoiceWorker.WebConsole.Acts;

namespace VoiceWorker.WebConsole.Parts;

/// <summary>What a page was asked for by its address; what cannot be read is told beside the form, and not
/// taken.</summary>
public sealed class Asking(HttpContext http)
{
    private readonly List<string> _wrong = [];

    /// <summary>What could not be read: field and rule.</summary>
    public IReadOnlyList<string> Wrong => _wrong;

    /// <summary>As it was given, for the form.</summary>
    public string? this[string field] => http.Request.Query[field].ToString() is { Length: > 0 } text ? text : null;

    public string? Text(string field) => this[field]?.Trim() is { Length: > 0 } text ? text : null;

    public int? Whole(string field, int least, int most)
    {
        if (Text(field) is not { } text)
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most)
            return number;
        _wrong.Add(string.Create(
            CultureInfo.InvariantCulture, $"{field} must be a whole number from {least} to {most}."));
        return null;
    }

    public DateTimeOffset? Instant(string field)
    {
        if (Text(field) is not { } text)
            return null;
        if (DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant))
            return instant;
        _wrong.Add($"{field} must be a time such as 2026-01-31T09:30:00Z.");
        return null;
    }

    /// <summary>The address of this page with one parameter more or another.</summary>
    public string With(string field, string? value, params string[] without) => LetterQuery.Address(
        http.Request.Path, http.Request.Query
            .Where(one => one.Key != field && one.Key != "job" && !without.Contains(one.Key))
            .Select(one => KeyValuePair.Create(one.Key, (string?)one.Value.ToString()))
            .Append(KeyValuePair.Create(field, value)));

    /// <summary>Text of a producer, fit for a page.</summary>
    public static string Show(string? text) => text is null ? "–" : Persistence.PeerText.Line(text);
}
