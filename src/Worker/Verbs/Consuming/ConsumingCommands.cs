using System.CommandLine;
using VoiceWorker.Servers;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Consuming;

/// <summary>The command lines of <c>pause</c>, <c>resume</c> and <c>drain</c>.</summary>
internal static class ConsumingCommands
{
    private const double DefaultPatience = 5;

    public static Command BuildPause()
    {
        var (queues, all, patience, note, json) = (Queues(), All(), Patience(), OperatorAct.NoteOption(), Json());
        const string description = "Have no worker consume a queue until it is resumed; its messages stay in it";
        return Verb.Of("pause", description, queues, (given, names, settings) =>
            ConsumingVerbs.PauseAsync(
                settings, Selected(names, given.GetValue(all), "pause"), PatienceOf(given, patience),
                given.GetValue(json), OperatorAct.Of(given, note, ("queue", names))),
            all, patience, note, json);
    }

    public static Command BuildResume()
    {
        var (queues, all, patience, note, json) = (Queues(), All(), Patience(), OperatorAct.NoteOption(), Json());
        var worker = new Option<string?>("--worker")
        {
            Description = "End the draining of this worker, by its host or the beginning of its id",
        };
        const string description = "Have the workers consume a paused queue again, or a drained worker go on";
        return Verb.Of("resume", description, queues, (given, names, settings) =>
        {
            var act = OperatorAct.Of(given, note, ("queue", names));
            if (given.GetValue(worker) is not { } name)
            {
                return ConsumingVerbs.ResumeAsync(
                    settings, Selected(names, given.GetValue(all), "resume"), PatienceOf(given, patience),
                    given.GetValue(json), act);
            }

            if (names.Count > 0 || given.GetValue(all))
                throw new SettingsException("resume takes queues or --worker, not both.");
            return ConsumingVerbs.DrainAsync(
                settings, name, isDraining: false, PatienceOf(given, patience), given.GetValue(json), act);
        }, all, worker, patience, note, json);
    }

    public static Command BuildDrain()
    {
        var worker = Words.Of("WORKER", "Its host, or the beginning of its id; status shows both");
        var (patience, note, json) = (Patience(), OperatorAct.NoteOption(), Json());
        const string description = "Have one worker consume nothing more and finish what is in flight, until resumed";
        return Verb.Of("drain", description, worker, (given, names, settings) => names is [var name]
            ? ConsumingVerbs.DrainAsync(
                settings, name, isDraining: true, PatienceOf(given, patience), given.GetValue(json),
                OperatorAct.Of(given, note, ("worker", names)))
            : throw new SettingsException("drain needs one worker: its host, or the beginning of its id."),
            patience, note, json);
    }

    private static IReadOnlyList<InputQueue> Selected(IReadOnlyList<string> names, bool all, string verb) =>
        (names.Count > 0, all) switch
        {
            (true, false) => QueueSelection.Of(names),
            (false, true) => InputQueue.All,
            (true, true) => throw new SettingsException($"{verb} takes queues or --all, not both."),
            _ => throw new SettingsException(
                $"{verb} needs a queue or --all; there are {string.Join(", ", QueueSelection.ShortNames)}."),
        };

    private static Argument<string[]> Queues() => Words.Of(
        "QUEUE", $"Full or short: {string.Join(", ", QueueSelection.ShortNames)}", [.. QueueSelection.ShortNames]);

    private static Option<bool> All() => OptionSyntax.Flag("--all", "Every queue that the worker consumes");

    private static Option<bool> Json() => OptionSyntax.Flag("--json", "Write JSON");

    private static Option<double?> Patience() => new Option<double?>("--wait")
    {
        Description = "Seconds to wait until the workers obey; 0 looks once",
        DefaultValueFactory = _ => DefaultPatience,
    }.NeedsNumber(0, 86_400);

    private static TimeSpan PatienceOf(ParseResult given, Option<double?> patience) =>
        TimeSpan.FromSeconds(given.GetValue(patience)!.Value);
}
