using System.Globalization;
using Npgsql;
using Spectre.Console;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Servers;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Audit;

/// <summary><c>audit replay</c>: events of the store again.</summary>
internal static class AuditReplayVerb
{
    public static Task<int> RunAsync(
        string[] settings, AuditQuery query, AuditReplayTarget target, bool dryRun, OperatorAct act) =>
        Tools.WithSchemaAsync(settings, async services =>
        {
            using var interruption = new Interruption();
            await using var connection = await services.GetRequiredService<PostgresConnections>()
                .OpenAsync(interruption.Token);
            try
            {
                var plan = await AuditReplay.PlanAsync(connection, query, interruption.Token);
                if (dryRun || plan.Count == 0)
                    return Tell(plan, target);
                var wait = services.GetRequiredService<ServerWait>();
                await (await wait.ForRabbitMqAsync("voice-worker tools", TimeSpan.Zero, interruption.Token))
                    .DisposeAsync();
                return await act.RunAsync(
                    services, () => PublishAsync(services, connection, plan, target, act, interruption.Token));
            }
            catch (Exception) when (interruption.Token.IsCancellationRequested)
            {
                return ExitCode.Interrupted;
            }
        });

    private static int Tell(AuditReplayPlan plan, AuditReplayTarget target)
    {
        var pace = target.Rate is { } perSecond
            ? string.Create(
                CultureInfo.InvariantCulture,
                $", in about {TimeSpan.FromSeconds(plan.Count / perSecond):c} at {perSecond} per second") : "";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{plan.Count:N0} events of {plan.Query.Stream ?? "all streams"} would be published to "
            + $"{target.Name}{pace}; nothing was"));
        return ExitCode.Ok;
    }

    private static async Task<int> PublishAsync(
        IServiceProvider services, NpgsqlConnection connection, AuditReplayPlan plan, AuditReplayTarget target,
        OperatorAct act, CancellationToken interruption)
    {
        var screen = new ReplayScreen(plan.Count);
        var result = await screen.ShowAsync(
            () => AuditReplay.RunAsync(services, connection, plan, target, act, screen, interruption));
        if (result.Obstacle is { } obstacle)
            await Console.Error.WriteLineAsync(obstacle);
        if (result.LastText is { } last)
            await Console.Error.WriteLineAsync(last);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{result.Published:N0} events published to {target.Name}"));
        return result.Outage is { } outage ? throw outage : ExitCode.Of(result.Ended);
    }
}

/// <summary>A replay as it goes on: a bar on a terminal, a line now and then elsewhere.</summary>
internal sealed class ReplayScreen(long total) : IProgress<long>
{
    private const int LineEvery = 10_000;

    private ProgressTask? _bar;
    private long _told;

    /// <summary>Shows what is reported until it ends.</summary>
    public async Task<T> ShowAsync<T>(Func<Task<T>> replay) => Terminal.IsInteractive
        ? await ShowAsync(AnsiConsole.Console, replay) : await replay();

    /// <summary>The same, with a bar.</summary>
    public Task<T> ShowAsync<T>(IAnsiConsole console, Func<Task<T>> replay) =>
        ProgressScreen.ShowAsync(console, "events", context =>
        {
            _bar = context.AddTask("replay", maxValue: total);
            return replay();
        });

    public void Report(long value)
    {
        if (_bar is not null)
        {
            _bar.Value = value;
        }
        else if (value / LineEvery > _told / LineEvery)
        {
            Console.Error.WriteLine($"{value} of {total} events …");
            _told = value;
        }
    }
}
