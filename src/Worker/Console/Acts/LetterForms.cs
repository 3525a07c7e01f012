using VoiceWorker.Contracts;
using VoiceWorker.DeadLetters;
using VoiceWorker.Verbs.DeadLetters;
using VoiceWorker.Verbs.Shell;
using VoiceWorker.WebConsole.Access;
using VoiceWorker.WebConsole.Live;
using VoiceWorker.WebConsole.Parts;

namespace VoiceWorker.WebConsole.Acts;

/// <summary>Replay, edit and discard of dead letters, each as its verb does it.</summary>
internal static class LetterForms
{
    /// <summary>Before the name of a field of the contract.</summary>
    public const string Field = "field:";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static void MapLetters(this IEndpointRouteBuilder acts)
    {
        acts.MapJob("/dead-letters/replay", Roles.Operator, "Replay of dead letters", Replay);
        acts.MapJob("/dead-letters/edit", Roles.Admin, "Correction of a dead letter", Edit);
        acts.MapJob("/dead-letters/discard", Roles.Admin, "Discard of dead letters", Discard);
        acts.MapPost("/dead-letters/check", CheckAsync).RequireAuthorization(Roles.Admin);
    }

    private static Func<Job, Task<JobResult>> Replay(Asked asked)
    {
        var order = new ReplayOrder(
            LetterQuery.Read(asked), asked.Whole("limit", 0, int.MaxValue) ?? 0, asked.Whole("rate", 1, 1_000_000),
            Patience);
        var isDry = asked.Flag("dry-run");
        var act = asked.Act("dead-letters replay");
        return async job =>
        {
            await using var broker = await asked.ConnectAsync(job);
            return isDry
                ? Planned(await DeadLetterReplay.PlanAsync(broker, order, job.Interruption))
                : Told(await RunAsync(asked, job, act, () => DeadLetterReplay.RunAsync(
                    broker, order, asked.Services.GetRequiredService<TimeProvider>(), act,
                    new Steps<ReplayProgress>(step => job.Progress = $"{step.Sent:N0} sent, {step.Stays:N0} stay"),
                    job.Interruption), result => result.Ended));
        };
    }

    private static Func<Job, Task<JobResult>> Edit(Asked asked)
    {
        var which = new DeadLetterFilter { IdPrefix = asked.Needed("id").ToLowerInvariant() };
        var fields = Fields(asked);
        var act = asked.Act("dead-letters edit");
        return async job =>
        {
            await using var broker = await asked.ConnectAsync(job);
            await using var queues = new DeadLetterQueues(broker);
            var letter = await DeadLetterSelection.FindAsync(queues, which, job.Interruption);
            var copy = DeadLetterEdit.Check(letter.Origin, letter.Message.Body, fields);
            if (copy.Broken.Count > 0)
                return new JobResult(
                    VerdictOf.Bad, "The copy breaks the contract. Nothing was sent; the original is where it was.")
                {
                    Lines = [.. copy.Broken.Select(rule => rule.ToString())],
                };
            return Told(await RunAsync(asked, job, act, () => DeadLetterEdit.SendAsync(
                broker, queues, letter, copy, Patience, asked.Services.GetRequiredService<TimeProvider>(), act,
                job.Interruption), result => result.Ended));
        };
    }

    private static Func<Job, Task<JobResult>> Discard(Asked asked)
    {
        var which = LetterQuery.Read(asked);
        var act = asked.Act("dead-letters discard");
        var typed = asked.Whole("count", 1, int.MaxValue)
            ?? throw new SettingsException("count must be typed: how many letters are to be discarded.");
        var mark = asked.Needed("mark");
        return async job =>
        {
            await using var broker = await asked.ConnectAsync(job);
            await using var discard = new DeadLetterDiscard(broker);
            var ids = new List<string>();
            await foreach (var letter in discard.ReadAsync(which, 0, job.Interruption))
                ids.Add(letter.Id);
            if (ids.Count != typed)
                throw new SettingsException("Nothing was discarded: "
                    + $"{Figures.Count(ids.Count, "letter")} match now, and {Figures.Number(typed)} was "
                    + "typed. Look at them again.");
            if (LetterSet.MarkOf(ids) != mark)
                throw new SettingsException("Nothing was discarded: other letters match now than were shown. Look at "
                    + "them again.");
            var result = await RunAsync(asked, job, act, () => discard.RunAsync(
                act, new Steps<int>(gone => job.Progress = $"{gone:N0} of {ids.Count:N0} discarded"), job.Interruption),
                done => done.Ended);
            return new JobResult(
                result.Stays.Count == 0 ? VerdictOf.Good : VerdictOf.Warning,
                $"Discarded {Figures.Number(result.Gone.Count)}"
                + (result.Stays.Count == 0 ? "." : $", {Figures.Number(result.Stays.Count)} stay: interrupted."));
        };
    }

    // While somebody types.
    private static async Task<IResult> CheckAsync(HttpContext http, IFormCollection form, LetterFeed feed)
    {
        var asked = new Asked(http, form, http.RequestServices);
        var seen = await feed.LookAsync();
        if (seen.Value?.Find(new DeadLetterFilter { IdPrefix = asked.Needed("id") }) is not [var entry, ..])
            return Results.NotFound();
        var body = LetterBody.Of(await seen.Value.ReadAsync(entry, http.RequestAborted));
        try
        {
            var copy = DeadLetterEdit.Check(entry.Origin, body, Fields(asked));
            return Results.Json(new
            {
                keeps = copy.Broken.Count == 0,
                broken = copy.Broken.Select(rule => new { field = rule.Field, rule = rule.Rule }),
            });
        }
        catch (SettingsException wrong)
        {
            return Results.Json(new { keeps = false, broken = new[] { new { field = "body", rule = wrong.Message } } });
        }
    }

    private static List<KeyValuePair<string, string>> Fields(Asked asked) =>
        [.. asked.Form.Keys.Where(key => key.StartsWith(Field, StringComparison.Ordinal))
            .Where(key => asked.Form[key].ToString() != asked.Form["was:" + key[Field.Length..]].ToString())
            .Select(key => KeyValuePair.Create(key[Field.Length..], asked.Form[key].ToString()))];

    private static async Task<T> RunAsync<T>(
        Asked asked, Job job, OperatorAct act, Func<Task<T>> run, Func<T, OperatorActResult> judge)
    {
        try
        {
            return await asked.RunAsync(job, act, run, judge);
        }
        finally
        {
            asked.Services.GetRequiredService<LetterFeed>().Touch();
        }
    }

    private static JobResult Planned(DeadLetterGroups groups) => new(
        VerdictOf.Good, $"{Figures.Count(groups.Count, "letter")} would be sent; nothing was.")
    {
        IsAct = false, Lines = Lines(groups),
    };

    private static JobResult Told(ReplayResult result) => new(
        result.Ended is OperatorActResult.Done ? VerdictOf.Good : VerdictOf.Warning,
        $"Sent {Figures.Number(result.Sent)}, came back {Figures.Number(result.Back.Count)}"
        + (result.Stays.Count == 0 ? "" : $", {Figures.Number(result.Stays.Count)} stay")
        + (result.Back.Unknown is { } why ? $" so far: {why}." : "."))
    {
        Lines = [.. Lines(result.Back.Groups), .. result.Stays.Select(stay => $"{stay.Id} stays: {stay.Obstacle}")],
    };

    private static JobResult Told(EditResult result) => result.Stays is { } stay
        ? new(VerdictOf.Bad, $"Nothing was sent, and the original is where it was: {stay.Obstacle}.")
        : new(result.Ended is OperatorActResult.Done ? VerdictOf.Good : VerdictOf.Warning,
            $"The corrected copy was sent, and the original is gone. Came back {result.Back.Count}"
            + (result.Back.Unknown is { } why ? $" so far: {why}." : "."))
        {
            Lines = Lines(result.Back.Groups), Link = ("/dead-letters", "All dead letters"),
        };

    private static List<string> Lines(DeadLetterGroups groups) =>
        [.. groups.Largest.Select(group => $"{group.Count:N0} in {group.Queue}: {group.Reason}")];
}

/// <summary>Says at once how far something is.</summary>
internal sealed class Steps<T>(Action<T> tell) : IProgress<T>
{
    public void Report(T value) => tell(value);
}
