using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Tests.Unit.Verbs;

public sealed class TextTableTests
{
    [Fact]
    public void The_last_column_wraps_between_words_beside_or_below_its_row()
    {
        var table = new TextTable("ID", "REASON");
        string[] row = ["0123456789ab", "callId: required: one to sixty-four printable characters"];

        Assert.Equal(["0123456789ab  callId: required: one to", "              sixty-four printable", "              characters"], table.Lines(row, 44));
        Assert.Equal(["0123456789ab", "    callId: required: one to", "    sixty-four printable", "    characters"], table.Lines(row, 34));
        Assert.Equal(["0123456789ab  callId: required: one to sixty-four printable characters"], table.Lines(row, int.MaxValue));
    }

    [Fact]
    public void A_word_that_is_wider_than_the_screen_is_not_broken() => Assert.Equal(
        ["one", "voice-worker.business-voice-changed_error", "two"], Terminal.Wrap("one voice-worker.business-voice-changed_error two", 12));
}
