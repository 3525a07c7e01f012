using Spectre.Console;
using VoiceWorker.Persistence.Schema;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs;

/// <summary><c>migrate</c>, <c>migrate --plan</c>, <c>migrate --script</c>.</summary>
internal static class MigrateVerb
{
    // The screen shows what the log would say of each step; a setting given by hand comes later and wins.
    private const string QuietLog = "--Logging:LogLevel:VoiceWorker.Persistence.Schema=Warning";

    // Off a terminal the log is the screen.
    private const string StepLog = "--Logging:LogLevel:VoiceWorker.Persistence.Schema=Information";

    public static Task<int> RunAsync(string[] settings, bool plan, bool script, OperatorAct act)
    {
        var shows = !plan && !script && Terminal.IsInteractive;
        return Tools.WithDatabaseAsync([shows || plan || script ? QuietLog : StepLog, .. settings], services =>
        {
            var migrator = services.GetRequiredService<SchemaMigrator>();
            return script ? WriteScriptAsync(migrator) : plan ? WritePlanAsync(migrator)
                : act.RunAsync(services, () => ApplyAsync(migrator, shows, act), onlyWithEffect: true);
        });
    }

    private static async Task<int> ApplyAsync(SchemaMigrator migrator, bool shows, OperatorAct act)
    {
        using var interruption = new Interruption();
        var applied = new AppliedWork();
        try
        {
            if (shows)
                await MigrationScreen.ShowAsync(
                    AnsiConsole.Console, screen => migrator.ApplyAsync(screen, applied, interruption.Token));
            else
                await migrator.ApplyAsync(progress: null, applied, interruption.Token);
            Console.WriteLine("The schema is at its target.");
            return ExitCode.Ok;
        }
        catch (Exception) when (interruption.Token.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Interrupted: the next migrate goes on.");
            return ExitCode.Interrupted;
        }
        finally
        {
            (act["files"], act["steps"], act["rows"]) = (applied.Files, applied.Steps, applied.Rows);
            act["completed"] = applied.Completed;
        }
    }

    private static async Task<int> WritePlanAsync(SchemaMigrator migrator)
    {
        var report = await migrator.ReportAsync(CancellationToken.None);
        foreach (var line in report.Lines())
            Terminal.WriteWrapped(line);
        return report.Pending.IsNothing ? ExitCode.Ok : ExitCode.PlanHasPendingSteps;
    }

    private static async Task<int> WriteScriptAsync(SchemaMigrator migrator)
    {
        Console.WriteLine(await migrator.ScriptAsync(CancellationToken.None));
        return ExitCode.Ok;
    }
}

/// <summary>A migration on a terminal: a line for each step, with bar, rows, rate and remaining time where rows
/// change.</summary>
internal sealed class MigrationScreen : IProgress<StepProgress>
{
    private readonly ProgressContext _context;
    private ProgressTask? _task;
    private StepProgress? _last;

    private MigrationScreen(ProgressContext context) => _context = context;

    /// <summary>Shows what <paramref name="migrate"/> reports, until it ends.</summary>
    public static Task ShowAsync(IAnsiConsole console, Func<IProgress<StepProgress>, Task> migrate) =>
        ProgressScreen.ShowAsync(console, "rows", async context =>
        {
            await migrate(new MigrationScreen(context));
            return true;
        });

    public void Report(StepProgress value)
    {
        if (_task is null || _last is null || _last.Step != value.Step || _last.IsOver)
            _task = _context.AddTask(value.Step.ToString());
        _last = value;
        _task.IsIndeterminate = value.Total == 0 && !value.IsOver;
        _task.MaxValue = Math.Max(1, value.Total);
        _task.Value = value.IsOver ? _task.MaxValue : value.Rows;
    }
}
