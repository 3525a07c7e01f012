using Spectre.Console;
using VoiceWorker.Persistence.Schema;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs;

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
        console.Progress().Columns(
            new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 },
            new PercentageColumn(), new CountColumn("rows"), new RemainingTimeColumn())
            .StartAsync(context => migrate(new MigrationScreen(context)));

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
