using System.CommandLine;
using System.Globalization;
using System.Runtime.CompilerServices;
using VoiceWorker.DeadLetters;
using VoiceWorker.Persistence;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.DeadLetters;

/// <summary>The options that select dead letters.</summary>
internal sealed class DeadLetterSelection
{
    private const int MostNamed = 10;

    public DeadLetterSelection() => Before.Validators.Add(given =>
    {
        if (given.GetValue(Since) >= given.GetValue(Before))
            given.AddError("--since must be before --before.");
    });

    public Option<string?> Id { get; } = new Option<string?>("--id")
    {
        Description = "One dead letter: its id as list shows it, or the beginning of it",
    }.Needs("an id as dead-letters list shows it", text => string.IsNullOrWhiteSpace(text) ? null : text);

    public Option<bool> All { get; } = OptionSyntax.Flag("--all", "Every dead letter that is there now");

    public Option<string?> Queue { get; } = Text("--queue", "Only of this queue, or failed in it");

    public Option<string?> Reason { get; } = Text("--reason", "Only with this in the reason, in any case");

    public Option<int?> Business { get; } = new Option<int?>("--business") { Description = "Only of this business" }
        .NeedsWhole(1, int.MaxValue);

    public Option<string?> Call { get; } = Text("--call", "Only of this call");

    public Option<string?> Producer { get; } = Text("--producer", "Only with this in the producer's name, in any case");

    public Option<DateTimeOffset?> Since { get; } = new Option<DateTimeOffset?>("--since")
    {
        Description = "Only what died at that instant or later",
    }.NeedsInstant();

    public Option<DateTimeOffset?> Before { get; } = new Option<DateTimeOffset?>("--before")
    {
        Description = "Only what died before, such as 2026-01-31T09:30:00Z; a day means its midnight UTC",
    }.NeedsInstant();

    public Option<int?> Limit { get; } = new Option<int?>("--limit")
    {
        Description = "At most so many, the oldest first; 0 means all",
    }.NeedsWhole(0, int.MaxValue);

    public Option[] Filters => [Queue, Reason, Business, Call, Producer, Since, Before];

    /// <summary>What was given.</summary>
    public DeadLetterFilter Read(ParseResult given) => new()
    {
        IdPrefix = given.GetValue(Id)?.Trim().ToLowerInvariant(),
        Queue = given.GetValue(Queue),
        Reason = given.GetValue(Reason),
        Business = given.GetValue(Business)?.ToString(CultureInfo.InvariantCulture),
        Call = given.GetValue(Call),
        Producer = given.GetValue(Producer),
        Since = given.GetValue(Since),
        Before = given.GetValue(Before),
    };

    /// <summary>Refuses a verb that changes dead letters without a selection.</summary>
    public void Require(Command verb) => verb.Validators.Add(given =>
    {
        var (one, all) = (given.CountOf(Id), given.CountOf(All));
        if (one + all != 1 && (one + all > 1 || given.CountOf(Filters) == 0))
        {
            given.AddError(
                $"{verb.Name} needs either --id with an id as dead-letters list shows it, or --all, or a filter.");
        }
    });

    /// <summary>The one that an id or the beginning of it means.</summary>
    /// <exception cref="SettingsException">There is none, or there are several.</exception>
    public static async Task<DeadLetter> FindAsync(
        DeadLetterQueues queues, DeadLetterFilter which, CancellationToken cancellationToken)
    {
        var (found, ids) = ((DeadLetter?)null, new SortedSet<string>(StringComparer.Ordinal));
        await foreach (var letter in queues.ReadAsync(which, cancellationToken))
        {
            found ??= letter;
            // Of several with one id the first is as good as any: they are equal byte for byte.
            if (letter.Id == which.IdPrefix)
                return letter;
            if (ids.Add(letter.Id) && ids.Count > MostNamed)
                break;
        }

        var given = PeerText.Escape(which.IdPrefix!);
        if (found is null)
        {
            throw new SettingsException($"There is no dead letter '{given}' (one that somebody else is looking at is "
                + "not seen); dead-letters list shows which there are.");
        }

        return ids.Count == 1 ? found : throw new SettingsException(
            $"'{given}' is the beginning of {(ids.Count > MostNamed ? "many ids" : $"{ids.Count} ids")}, give more of "
            + $"it: {string.Join(", ", ids.Take(MostNamed))}{(ids.Count > MostNamed ? ", …" : "")}");
    }

    /// <summary>All that are meant; with a limit the oldest. What is begun with each is finished when it is
    /// interrupted: there are no more then.</summary>
    public static async IAsyncEnumerable<DeadLetter> ChooseAsync(
        DeadLetterQueues queues, DeadLetterFilter which, int limit,
        [EnumeratorCancellation] CancellationToken interruption)
    {
        if (which.IdPrefix is not null)
        {
            yield return await FindAsync(queues, which, interruption);
            yield break;
        }

        var all = queues.ReadAsync(which, CancellationToken.None)
            .TakeWhile(_ => !interruption.IsCancellationRequested);
        if (limit > 0)
        {
            var oldest = (await DeadLetterSummary.OldestAsync(all, limit, letter => letter)).Oldest;
            all = oldest.ToAsyncEnumerable().TakeWhile(_ => !interruption.IsCancellationRequested);
        }

        await foreach (var letter in all)
            yield return letter;
    }

    private static Option<string?> Text(string name, string description) =>
        new Option<string?>(name) { Description = description }
            .Needs("a text that is not blank", text => string.IsNullOrWhiteSpace(text) ? null : text);
}
