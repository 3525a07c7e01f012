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

    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(120)]
    [InlineData(160)]
    public void Columns_without_room_go_below_their_row_and_no_cell_is_broken(int width)
    {
        string[] titles = ["ID", "AGE", "BUSINESS", "CALL", "SIZE", "QUEUE", "REASON"];
        string[] row =
        [
            "0123456789ab", "3d", "2147483647", "CA0123456789abcdef012345…", "16777216",
            "voice-worker.business-voice-changed_error",
            "voiceId: required: 1–32 printable characters, no surrounding white space",
        ];
        var table = new TextTable(titles);
        table.Add(row);
        table.Measure();

        var lines = table.Lines(row, width).ToList();
        var heads = table.Lines(titles, width).ToList();

        Assert.All(lines.Concat(heads), line => Assert.InRange(line.Length, 1, width));
        Assert.All(row.SkipLast(1).Concat(row[^1].Split(' ')), word =>
            Assert.Contains(lines, line => line.Contains(word, StringComparison.Ordinal)));
        Assert.StartsWith("0123456789ab  3d", lines[0], StringComparison.Ordinal);
        Assert.Equal(
            heads[0].IndexOf("CALL", StringComparison.Ordinal), lines[0].IndexOf("CA0123", StringComparison.Ordinal));
    }

    [Fact]
    public void A_word_that_is_wider_than_the_screen_is_not_broken() => Assert.Equal(
        ["one", "voice-worker.business-voice-changed_error", "two"], Terminal.Wrap("one voice-worker.business-voice-changed_error two", 12));
}
