using System.Globalization;
using VoiceWorker.Contracts;
using VoiceWorker.Verbs.Shell;
using VoiceWorker.WebConsole.Access;

namespace VoiceWorker.WebConsole.Acts;

/// <summary>A form as somebody has sent it; what cannot be read is refused with its field and the rule.</summary>
internal sealed class Asked(HttpContext http, IFormCollection form)
{
    /// <summary>Where it was sent from.</summary>
    public const string Return = "return";

    private readonly Dictionary<string, string> _filter = new(StringComparer.Ordinal);

    public HttpContext Http => http;

    /// <summary>Those of the console, not of the request: a job outlives it.</summary>
    public IServiceProvider Services { get; } = http.RequestServices.GetRequiredService<ConsoleAddress>().Services;

    public IFormCollection Form => form;

    /// <summary>Who asks, as it is recorded.</summary>
    public string Person => http.User.NameOrUnknown();

    /// <summary>The page of this console that it was sent from.</summary>
    public string Page => form[Return].ToString() is ['/', not ('/' or '\\'), ..] page ? page : "/";

    /// <summary>A text; null where nothing was given.</summary>
    public string? Text(string field) =>
        Note(field, form[field].ToString().Trim() is { Length: > 0 } text ? text : null);

    /// <summary>Whether a box is checked.</summary>
    public bool Flag(string field) => Note(field, form[field].Count > 0 ? "true" : null) is not null;

    /// <summary>A text that must be there.</summary>
    public string Needed(string field) =>
        Text(field) ?? throw new SettingsException($"{field} must not be empty.");

    /// <summary>A whole number within bounds; null where nothing was given.</summary>
    public int? Whole(string field, int least, int most)
    {
        if (Text(field) is not { } text)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most ? number
            : throw new SettingsException(
                string.Create(CultureInfo.InvariantCulture, $"{field} must be a whole number from {least} to {most}."));
    }

    /// <summary>An instant, UTC where no offset is given; null where nothing was given.</summary>
    public DateTimeOffset? Instant(string field)
    {
        if (Text(field) is not { } text)
            return null;
        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant
            : throw new SettingsException($"{field} must be a time such as 2026-01-31T09:30:00Z.");
    }

    /// <summary>The act for the record, with all fields that were read so far.</summary>
    /// <param name="verb">What does the same on the command line.</param>
    public OperatorAct Act(string verb)
    {
        var filter = new Dictionary<string, string>(_filter, StringComparer.Ordinal);
        var note = form["note"].ToString().Trim() is { Length: > 0 } text ? text : null;
        if (note is not null && !PrintableText.Is(note, OperatorActed.MaxNoteLength))
            throw new SettingsException(
                $"note must have 1–{OperatorActed.MaxNoteLength} printable characters, no line break.");
        return new OperatorAct(Person, verb, filter, note);
    }

    /// <summary>Keeps a field for the record.</summary>
    public string? Note(string field, string? text)
    {
        if (text is not null)
            _filter[field] = Persistence.PeerText.Line(text);
        return text;
    }
}
