using Microsoft.AspNetCore.Http.HttpResults;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Servers;
using VoiceWorker.Verbs.Shell;
using VoiceWorker.WebConsole.Access;
using VoiceWorker.WebConsole.Parts;

namespace VoiceWorker.WebConsole.Acts;

/// <summary>A form as somebody has sent it; what cannot be read is refused with its field and the rule.</summary>
/// <param name="services">Those of the console, not of the request: a job outlives it.</param>
internal sealed class Asked(HttpContext http, IFormCollection form, IServiceProvider services)
{
    /// <summary>Where it was sent from.</summary>
    public const string Return = "return";

    private readonly Dictionary<string, string> _filter = new(StringComparer.Ordinal);

    public IServiceProvider Services => services;

    public IFormCollection Form => form;

    /// <summary>Who asks, as it is recorded.</summary>
    public string Person => http.User.NameOrUnknown();

    /// <summary>The page of this console that it was sent from.</summary>
    public string Page => form[Return].ToString() is ['/', ..] page && RedirectHttpResult.IsLocalUrl(page) ? page : "/";

    /// <summary>A text; null where nothing was given.</summary>
    public string? Text(string field) =>
        Note(field, form[field].ToString().Trim() is { Length: > 0 } text ? text : null);

    /// <summary>Whether a box is checked.</summary>
    public bool Flag(string field) => Note(field, form[field].Count > 0 ? "true" : null) is not null;

    /// <summary>A text that must be there.</summary>
    public string Needed(string field) =>
        Text(field) ?? throw new SettingsException($"{field} must not be empty.");

    /// <summary>A whole number within bounds; null where nothing was given.</summary>
    public int? Whole(string field, int least, int most) =>
        Read([field], given => given.Whole(field, least, most));

    /// <summary>Some fields by the rules of the pages.</summary>
    /// <param name="fields">Those that are read.</param>
    public T Read<T>(IEnumerable<string> fields, Func<Given, T> read)
    {
        var given = new Given(http, form);
        var value = read(given);
        if (given.Refusals.FirstOrDefault() is { } refusal)
            throw new SettingsException(refusal);
        foreach (var field in fields)
            Note(field, given[field]);
        return value;
    }

    /// <summary>A connection to RabbitMQ for a job.</summary>
    public Task<IConnection> ConnectAsync(Job job) => services.GetRequiredService<ServerWait>().ForRabbitMqAsync(
        "voice-worker console", TimeSpan.Zero, job.Interruption);

    /// <summary>Does something that is recorded.</summary>
    /// <param name="job">Is told where it cannot be recorded.</param>
    public Task<T> RunAsync<T>(Job job, OperatorAct act, Func<Task<T>> run, Func<T, OperatorActResult> judge) =>
        act.RunAsync(services, run, judge, obstacle =>
        {
            job.Unrecorded = obstacle;
            return Task.CompletedTask;
        });

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

    // Keeps a field for the record.
    private string? Note(string field, string? text)
    {
        if (text is not null)
            _filter[field] = Persistence.PeerText.Line(text);
        return text;
    }
}
