using System.Globalization;
using Microsoft.Extensions.Options;
using Npgsql;
using Spectre.Console;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Relay;
using VoiceWorker.Servers;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Audit;

/// <summary><c>audit replay</c>: events of the store again, as the relay published them, or into one queue.</summary>
internal static class AuditReplayVerb
{
    private const int PageSize = 1_000;

    public static Task<int> RunAsync(
        string[] settings, AuditQuery query, string? queue, int? rate, bool dryRun, OperatorAct act) =>
        Tools.WithDatabaseAsync(settings, async services =>
        {
            using var interruption = new Interruption();
            await using var connection = await services.GetRequiredService<PostgresConnections>()
                .OpenAsync(interruption.Token);
            try
            {
                query = (await CallPlace.FindAsync(connection, query, interruption.Token)).Query;
                // What is sequenced meanwhile is published for the first time, by the relay.
                var extent = await AuditTrail.MeasureAsync(connection, query, interruption.Token);
                if (dryRun || extent.Count == 0)
                    return Tell(extent, query, queue, rate);
                var events = AuditTrail.ReadAsync(
                    connection, query with { LastPosition = extent.LastPosition }, PageSize, interruption.Token);
                var wait = services.GetRequiredService<ServerWait>();
                await (await wait.ForRabbitMqAsync("voice-worker tools", TimeSpan.Zero, interruption.Token))
                    .DisposeAsync();
                return await act.RunAsync(
                    services, () => PublishAsync(services, events, extent, queue, rate, act, interruption.Token));
            }
            catch (Exception) when (interruption.Token.IsCancellationRequested)
            {
                return ExitCode.Interrupted;
            }
        });

    private static int Tell(AuditExtent extent, AuditQuery query, string? queue, int? rate)
    {
        var pace = rate is { } perSecond
            ? string.Create(
                CultureInfo.InvariantCulture,
                $", in about {TimeSpan.FromSeconds(extent.Count / perSecond):c} at {perSecond} per second") : "";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{extent.Count:N0} events of {query.Stream ?? "all streams"} would be published to "
            + $"{TargetOf(queue)}{pace}; nothing was"));
        return ExitCode.Ok;
    }

    private static async Task<int> PublishAsync(
        IServiceProvider services, IAsyncEnumerable<StoredEvent> events, AuditExtent extent, string? queue, int? rate,
        OperatorAct act, CancellationToken cancellationToken)
    {
        // An event that reaches no queue is an error here, whatever Audit:Unrouted is.
        await using var publisher = new AuditPublisher(
            services.GetRequiredService<IOptions<ConnectionOptions>>(), Options.Create(new AuditOptions()),
            new AuditDestination(queue, IsReplay: true), RelayLease.Default);
        var screen = new ReplayScreen(extent.Count);
        var replay = new Replay(publisher, new Pace(rate, services.GetRequiredService<TimeProvider>()), screen);
        try
        {
            var obstacle = await screen.ShowAsync(() => replay.RunAsync(events, cancellationToken));
            return Report(replay, queue, obstacle, obstacle is null ? ExitCode.Ok : ExitCode.NotReplayed);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            return Report(replay, queue, "interrupted", ExitCode.Interrupted);
        }
        catch (Exception failure) when (failure is not NpgsqlException
            && ServerFailure.Of(failure).Kind is FailureKind.Outage)
        {
            Report(replay, queue, obstacle: null, ExitCode.Unreachable);
            throw services.GetRequiredService<ServerWait>().BrokerLost(failure);
        }
        finally
        {
            (act["published"], act["selected"]) = (replay.Published, extent.Count);
        }
    }

    private static int Report(Replay replay, string? queue, string? obstacle, int code)
    {
        if (obstacle is not null)
            Console.Error.WriteLine(obstacle);
        if (code != ExitCode.Ok && replay.Last is { } last)
            Console.Error.WriteLine(
                $"The last that was confirmed is {Replay.NameOf(last)}, decided at "
                + $"{Terminal.Instant(last.Event.OccurredAt)}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{replay.Published:N0} events published to {TargetOf(queue)}"));
        return code;
    }

    private static string TargetOf(string? queue) => queue is null ? "their exchanges" : $"queue {queue}";
}

/// <summary>A replay as it goes on: a bar on a terminal, a line now and then elsewhere.</summary>
internal sealed class ReplayScreen(long total) : IProgress<long>
{
    private const int LineEvery = 10_000;

    private ProgressTask? _bar;
    private long _told;

    /// <summary>Shows what is reported until it ends.</summary>
    public async Task<string?> ShowAsync(Func<Task<string?>> replay) => Terminal.IsInteractive
        ? await ShowAsync(AnsiConsole.Console, replay) : await replay();

    /// <summary>The same, with a bar.</summary>
    public Task<string?> ShowAsync(IAnsiConsole console, Func<Task<string?>> replay) =>
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
