using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace VoiceWorker.Verbs.Shell;

/// <summary>Work with a bar for each of its parts, until it ends.</summary>
/// <remarks>Drawn here and not by Spectre's own thread: where the work is over before that one has begun, it is never
/// stopped, draws over what follows, and what it throws ends the process.</remarks>
internal static class ProgressScreen
{
    private static readonly TimeSpan DrawEvery = TimeSpan.FromMilliseconds(100);

    /// <param name="console">Where it is drawn.</param>
    /// <param name="unit">What is counted, such as <c>rows</c>.</param>
    /// <param name="work">Adds its bars to the context.</param>
    public static Task<T> ShowAsync<T>(IAnsiConsole console, string unit, Func<ProgressContext, Task<T>> work) =>
        console.Progress().AutoRefresh(false)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 },
                new PercentageColumn(), new CountColumn(unit), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var running = work(context);
                while (await Task.WhenAny(running, Task.Delay(DrawEvery)) != running)
                    context.Refresh();
                return await running;
            });

    // Beside a bar: how many so far, of how many, and how many in a second.
    private sealed class CountColumn(string unit) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(
            task.MaxValue <= 1
                ? ""
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{task.Value:N0} of {task.MaxValue:N0} {unit}, {task.Speed ?? 0:N0}/s"));
    }
}
