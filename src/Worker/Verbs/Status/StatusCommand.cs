using System.CommandLine;

namespace VoiceWorker.Verbs.Status;

/// <summary>The command line of <c>status</c>.</summary>
internal static class StatusCommand
{
    private const double DefaultInterval = 2;

    /// <summary>The verb.</summary>
    public static Command Build()
    {
        var json = new Option<bool>("--json") { Description = "Write JSON" };
        var watch = new Option<bool>("--watch") { Description = "Show it again and again, until Ctrl-C" };
        var interval = new Option<double>("--interval")
        {
            Description = "Seconds between two looks", DefaultValueFactory = _ => DefaultInterval,
        }.Between(0.1, 86_400);
        return CommandLine.Verb("status", "Show schema, relay, lags, queues, dead letters and voices", (given, settings) =>
            given.GetValue(watch)
                ? StatusVerb.WatchAsync(settings, given.GetValue(json), TimeSpan.FromSeconds(given.GetValue(interval)))
                : StatusVerb.RunAsync(settings, given.GetValue(json)), json, watch, interval);
    }
}
