using Npgsql;
using VoiceWorker.Persistence;
using VoiceWorker.Servers;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.WebConsole.Acts;

/// <summary>Something that somebody has begun from a page and that may take long.</summary>
/// <param name="title">What it does, such as "Replay of dead letters".</param>
/// <param name="person">Who has begun it.</param>
internal sealed class Job(string title, string person, DateTimeOffset startedAt, CancellationToken stopping)
{
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(stopping);
    private volatile JobResult? _result;
    private volatile string _progress = "begins";

    public Guid Id { get; } = Guid.NewGuid();

    public string Title => title;

    public string Person => person;

    public DateTimeOffset StartedAt => startedAt;

    /// <summary>How far it is, in words.</summary>
    public string Progress
    {
        get => _progress;
        set => _progress = value;
    }

    /// <summary>How it ended; null while it runs.</summary>
    public JobResult? Result => _result;

    /// <summary>Why it could not be recorded what it did, if that is so.</summary>
    public string? Unrecorded { get; set; }

    /// <summary>Ends when somebody asks for that.</summary>
    public CancellationToken Interruption => _end.Token;

    /// <summary>Asks it to end; what is begun is finished.</summary>
    public void Interrupt() => _end.Cancel();

    /// <summary>Runs it to its end, however that is.</summary>
    public async Task RunAsync(Func<Job, Task<JobResult>> act)
    {
        try
        {
            _result = await act(this);
        }
        catch (Exception) when (_end.IsCancellationRequested)
        {
            _result = new(VerdictOf.Warning, $"{title}: interrupted. {_progress}");
        }
        catch (SettingsException wrong)
        {
            _result = new(VerdictOf.Bad, wrong.Message);
        }
        catch (Exception failure)
        {
            _result = new(VerdictOf.Bad, $"{title} failed: {Describe(failure)}");
        }
    }

    private static string Describe(Exception failure)
    {
        var judged = ServerFailure.Of(failure);
        return judged.Kind is FailureKind.Privilege && Failure.CausesOf(failure).OfType<PostgresException>().Any()
            ? $"{judged.Words}; docs/roles.sql has the GRANT for it" : judged.Words;
    }
}

/// <summary>How a job ended.</summary>
/// <param name="Level">See <see cref="VerdictOf"/>.</param>
/// <param name="Text">In a sentence.</param>
internal sealed record JobResult(string Level, string Text)
{
    /// <summary>More of it, a line each.</summary>
    public IReadOnlyList<string> Lines { get; init; } = [];

    /// <summary>Whether it is an act that is recorded; what only looks is none, nor what was so already.</summary>
    public bool IsAct { get; init; } = true;

    /// <summary>Where to go on: address and words.</summary>
    public (string Address, string Text)? Link { get; init; }
}

/// <summary>Levels as the style sheet has them.</summary>
internal static class VerdictOf
{
    public const string Good = "good";
    public const string Warning = "warning";
    public const string Bad = "bad";
}
