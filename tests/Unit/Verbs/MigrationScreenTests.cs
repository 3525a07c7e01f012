using Spectre.Console;
using VoiceWorker.Persistence.Schema;
using VoiceWorker.Verbs;

namespace VoiceWorker.Tests.Unit.Verbs;

public sealed class MigrationScreenTests
{
    [Fact]
    public async Task A_step_that_changes_rows_has_a_bar_with_rows_rate_and_remaining_time()
    {
        var screen = await ShowAsync(screen =>
        {
            screen.Report(new StepProgress(MigrationStep.Backfill, 0, 0, IsOver: false));
            screen.Report(new StepProgress(MigrationStep.Backfill, 1_250_000, 5_000_000, IsOver: false));
        });

        Assert.Contains("Backfill", screen, StringComparison.Ordinal);
        Assert.Contains("25%", screen, StringComparison.Ordinal);
        Assert.Contains("1,250,000 of 5,000,000 rows", screen, StringComparison.Ordinal);
        Assert.Contains("/s", screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_come_late_belong_to_the_same_line()
    {
        var screen = await ShowAsync(screen =>
        {
            screen.Report(new StepProgress(MigrationStep.Backfill, 100, 100, IsOver: false));
            screen.Report(new StepProgress(MigrationStep.Backfill, 101, 101, IsOver: false));
            screen.Report(new StepProgress(MigrationStep.Backfill, 101, 101, IsOver: true));
        });

        // The screen is drawn once, when all of it has been reported.
        Assert.Equal(1, screen[screen.LastIndexOf("101 of 101 rows", StringComparison.Ordinal)..].Split(" rows").Length - 1);
        Assert.DoesNotContain("100 of 100 rows", screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_step_has_its_line_and_is_full_when_it_is_over()
    {
        var screen = await ShowAsync(screen =>
        {
            screen.Report(new StepProgress(MigrationStep.SetDefault, 0, 0, IsOver: false));
            screen.Report(new StepProgress(MigrationStep.SetDefault, 0, 0, IsOver: true));
            screen.Report(new StepProgress(MigrationStep.AddCheck, 0, 0, IsOver: false));
            screen.Report(new StepProgress(MigrationStep.AddCheck, 0, 0, IsOver: true));
        });

        var last = screen[screen.LastIndexOf("SetDefault", StringComparison.Ordinal)..];
        Assert.Equal(2, last.Split("100%").Length - 1);
        Assert.Contains("AddCheck", last, StringComparison.Ordinal);
        Assert.DoesNotContain(" rows", screen, StringComparison.Ordinal);
    }

    private static async Task<string> ShowAsync(Action<IProgress<StepProgress>> migrate)
    {
        await using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = 160;
        await MigrationScreen.ShowAsync(console, screen =>
        {
            migrate(screen);
            return Task.CompletedTask;
        });
        return output.ToString();
    }
}
