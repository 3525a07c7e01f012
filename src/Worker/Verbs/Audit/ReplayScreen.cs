using Spectre.Console;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Audit;

/// <summary>A replay as it goes on: a bar on a terminal, a line now and then elsewhere.</summary>
/// <param name="total">Events to publish.</param>
internal sealed class ReplayScreen(long total) : IProgress<long>
{
    private const int LineEvery = 10_000;

    private ProgressTask? _bar;
    private long _told;

    /// <summary>Shows what is reported until it ends.</summary>
    public async Task<string?> ShowAsync(Func<Task<string?>> replay) => Terminal.IsInteractive
        ? await ShowAsync(AnsiConsole.Console, replay) : await replay();

    /// <summary>The same, with a bar.</summary>
    public Task<string?> ShowAsync(IAnsiConsole console, Func<Task<string?>> replay) => console.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn { Width = 24 }, new PercentageColumn(),
            new CountColumn("events"), new RemainingTimeColumn())
        .StartAsync(context =>
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
