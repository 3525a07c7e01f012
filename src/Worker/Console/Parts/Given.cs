using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.WebConsole.Parts;

/// <summary>What the address of a page asks for, field by field. What cannot be read is told beside its field, by name
/// and rule, and nothing is looked for. A form that acts on what a page has found is read by the same rules.</summary>
public sealed class Given(HttpContext http, IFormCollection? form = null)
{
    // Such as somebody copies from a page, from a log or from the command line.
    private static readonly string[] InstantFormats =
    [
        "yyyy-MM-dd", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm:ss.FFFFFFFzzz",
        "yyyy-MM-dd HH:mmzzz",
    ];

    private readonly Dictionary<string, string> _faults = new(StringComparer.Ordinal);

    /// <summary>What is wrong, by field; to be read after the words of its label.</summary>
    public IReadOnlyDictionary<string, string> Faults => _faults;

    /// <summary>The same in sentences, for where there is no label.</summary>
    public IEnumerable<string> Refusals => _faults.Select(fault => $"{fault.Key} needs {fault.Value}.");

    /// <summary>Whether all that was read can be looked for.</summary>
    public bool IsReadable => _faults.Count == 0;

    /// <summary>A field as it was given; null where nothing was.</summary>
    public string? this[string field] =>
        (form is null ? http.Request.Query[field] : form[field]).FirstOrDefault()?.Trim() is { Length: > 0 } text
            ? text : null;

    /// <summary>A field by a rule of its own.</summary>
    /// <param name="rule">What it needs, to be read after that word.</param>
    /// <param name="read">Null for what breaks the rule.</param>
    public T? Read<T>(string field, string rule, Func<string, T?> read) where T : class =>
        this[field] is { } text ? read(text) ?? Fault<T>(field, rule) : null;

    /// <summary>The same for values.</summary>
    public T? Value<T>(string field, string rule, Func<string, T?> read) where T : struct
    {
        if (this[field] is not { } text)
            return null;
        var value = read(text);
        if (value is null)
            Fault<string>(field, rule);
        return value;
    }

    /// <summary>A text that can be printed.</summary>
    public string? Text(string field, int longest) => Read(
        field, string.Create(CultureInfo.InvariantCulture, $"1–{longest} printable characters"),
        text => PrintableText.Is(text, longest) ? text : null);

    /// <summary>One of some names.</summary>
    public string? OneOf(string field, IReadOnlyCollection<string> names) => Read(
        field, $"one of {string.Join(", ", names)}",
        text => names.Contains(text, StringComparer.Ordinal) ? text : null);

    /// <summary>A whole number within limits.</summary>
    public int? Whole(string field, int least, int most) => Value<int>(
        field, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"), text =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number >= least && number <= most ? number : null);

    /// <summary>An instant; UTC where no offset is given.</summary>
    public DateTimeOffset? Instant(string field) => Value(
        field, "a day or a time such as 2026-01-31 or 2026-01-31 09:30:00, of UTC unless its offset is given",
        ReadInstant);

    /// <summary>Two instants of which the first is earlier.</summary>
    public (DateTimeOffset? From, DateTimeOffset? To) Span(string from, string to)
    {
        var (begin, end) = (Instant(from), Instant(to));
        if (begin >= end)
            Fault<string>(from, "a time before the end");
        return (begin, end);
    }

    /// <summary>This page with some fields changed, in a link; what is set to null is left out.</summary>
    public string Address(params (string Field, string? Value)[] changed)
    {
        var query = new QueryBuilder(http.Request.Query
            .Where(one => one.Key != "job" && !changed.Any(other => other.Field == one.Key))
            .Select(one => KeyValuePair.Create(one.Key, one.Value.ToString()))
            .Where(one => one.Value.Length > 0));
        foreach (var (field, value) in changed)
        {
            if (value is not null)
                query.Add(field, value);
        }

        return http.Request.Path + query.ToQueryString();
    }

    /// <summary>Notes what no rule of one field can say.</summary>
    public void Refuse(string field, string rule) => Fault<string>(field, rule);

    private static DateTimeOffset? ReadInstant(string text) => DateTimeOffset.TryParseExact(
        text.Replace(" UTC", "", StringComparison.Ordinal).Replace('T', ' ')
            .Replace("Z", "+00:00", StringComparison.Ordinal),
        InstantFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
        out var instant) ? instant : null;

    private T? Fault<T>(string field, string rule) where T : class
    {
        _faults[field] = rule;
        return null;
    }
}
