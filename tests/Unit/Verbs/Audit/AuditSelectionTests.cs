using VoiceWorker.Persistence.Audit;
using VoiceWorker.Verbs.Audit;

namespace VoiceWorker.Tests.Unit.Verbs.Audit;

public sealed class AuditSelectionTests
{
    [Theory]
    [InlineData("3", 3, 3)]
    [InlineData("3..5", 3, 5)]
    [InlineData("5..5", 5, 5)]
    [InlineData("3..", 3, long.MaxValue)]
    [InlineData("..5", 1, 5)]
    [InlineData("9223372036854775807", long.MaxValue, long.MaxValue)]
    public void A_sequence_or_a_range_of_them_is_read(string text, long first, long last) =>
        Assert.Equal(new SequenceRange(first, last), AuditSelection.ReadRange(text));

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("0")]
    [InlineData("0..5")]
    [InlineData("..0")]
    [InlineData("-1")]
    [InlineData("5..3")]
    [InlineData("3...5")]
    [InlineData("3..5..7")]
    [InlineData("3-5")]
    [InlineData("3 .. 5")]
    [InlineData("+3")]
    [InlineData("1,000")]
    [InlineData("٣")]
    [InlineData("three")]
    [InlineData("9223372036854775808")]
    public void What_is_neither_is_not(string text) => Assert.Null(AuditSelection.ReadRange(text));
}
