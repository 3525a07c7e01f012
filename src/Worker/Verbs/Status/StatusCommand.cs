using System.CommandLine;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Status;

/// <summary>The command line of <c>status</c>.</summary>
internal static class StatusCommand
{
    private const double DefaultInterval = 2;

    /// <summary>The verb.</summary>
    public static Command Build()
    {
        var json = OptionSyntax.Flag("--json", "Write JSON");
        var watch = OptionSyntax.Flag("--watch", "Show it again and again, until Ctrl-C");
        var interval = new Option<double?>("--interval")
        {
            Description = "Seconds between two looks, with --watch", DefaultValueFactory = _ => DefaultInterval,
        }.NeedsNumber(0.1, 86_400);
        var verb = Verb.Of(
            "status", "Show schema, relay, lags, queues, dead letters and voices", (given, settings) =>
            given.GetValue(watch)
                ? StatusVerb.WatchAsync(
                    settings, given.GetValue(json), TimeSpan.FromSeconds(given.GetValue(interval)!.Value))
                : StatusVerb.RunAsync(settings, given.GetValue(json)), json, watch, interval);
        verb.Validators.Add(given =>
        {
            if (given.CountOf(interval) > 0 && !given.GetValue(watch))
                given.AddError("--interval needs --watch: without it status looks once.");
        });
        return verb;
    }
}
