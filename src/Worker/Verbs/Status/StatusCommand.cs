using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Status;

/// <summary>The command line of <c>status</c>.</summary>
internal static class StatusCommand
{
    private const double DefaultInterval = 2;

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

/// <summary><c>status</c>: all that an operator asks first, on one screen or as JSON; once, or again and
/// again.</summary>
internal static class StatusVerb
{
    /// <summary>Shows it once.</summary>
    public static Task<int> RunAsync(string[] settings, bool json) =>
        Tools.WithoutServersAsync(settings, async services =>
        {
            var status = await StatusReader.ReadAsync(services, CancellationToken.None);
            if (json)
                JsonScreen.Write(status);
            else
                StatusScreen.Lines(status, Terminal.Width).ToList().ForEach(Console.WriteLine);
            return StatusReader.CodeOf(status);
        });

    /// <summary>Shows it every interval until Ctrl-C: redrawn on a terminal, one line each time elsewhere.</summary>
    public static Task<int> WatchAsync(string[] settings, bool json, TimeSpan interval) =>
        Tools.WithoutServersAsync([SilentLog, .. settings], async services =>
        {
            using var interruption = new Interruption();
            var isDrawn = !json && Terminal.IsInteractive;
            await (isDrawn
                ? AnsiConsole.Live(new Text("…")).AutoClear(false)
                    .StartAsync(live => RepeatAsync(services, interval, status =>
                    live.UpdateTarget(new Text(string.Join('\n', StatusScreen.Lines(status, Terminal.Width)))),
                interruption.Token))
                : RepeatAsync(services, interval, status =>
                    Console.WriteLine(json ? JsonScreen.Line(status) : StatusScreen.Line(status)), interruption.Token));
            return ExitCode.Ok;
        });

    // A server that is away is on the screen.
    private const string SilentLog = "--Logging:LogLevel:VoiceWorker=None";

    private static async Task RepeatAsync(
        IServiceProvider services, TimeSpan interval, Action<JsonObject> show, CancellationToken cancellationToken)
    {
        var time = services.GetRequiredService<TimeProvider>();
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                show(await StatusReader.ReadAsync(services, cancellationToken));
                await Task.Delay(interval, time, cancellationToken);
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Asked for.
        }
    }
}
