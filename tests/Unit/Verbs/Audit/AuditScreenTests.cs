using Spectre.Console;
using VoiceWorker.Contracts;
using VoiceWorker.Verbs.Audit;

namespace VoiceWorker.Tests.Unit.Verbs.Audit;

public sealed class AuditScreenTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_event_is_one_line_whatever_is_in_it()
    {
        var change = new BusinessVoiceUpdated
        {
            Stream = "business-7", Sequence = 3, OccurredAt = Noon, BusinessId = 7, PreviousVoiceId = null, VoiceId = "sage", ChangedAt = Noon,
            ChangedBy = "ada\u001b[2J\n",
        };

        Assert.Equal("business-7                     3  2026-01-31T12:00:00.000Z  voice none became sage, by ada\\u001B[2J\\u000A", AuditScreen.Line(change));
    }

    [Fact]
    public void A_call_is_told_with_its_reason_and_the_voice_that_was_not_used()
    {
        var call = new CallVoiceResolved
        {
            Stream = "business-7", Sequence = 1, OccurredAt = Noon, CallId = "CA-1", BusinessId = 7, VoiceId = "ash", Source = VoiceSource.Default,
            Reason = VoiceReason.UnsupportedVoice, StoredVoiceId = "hal", StartedAt = Noon,
        };

        Assert.EndsWith("  call CA-1 got ash: unsupportedVoice (hal)", AuditScreen.Line(call), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replay_has_a_bar_with_events_and_rate()
    {
        await using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = 160;
        var screen = new ReplayScreen(4_000);

        await screen.ShowAsync(console, () =>
        {
            screen.Report(1_000);
            return Task.FromResult<string?>(null);
        });

        Assert.Contains("1,000 of 4,000 events", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("25%", output.ToString(), StringComparison.Ordinal);
    }
}
