using VoiceWorker.Contracts;
using VoiceWorker.Verbs.Audit;

namespace VoiceWorker.Tests.Unit.Verbs.Audit;

public sealed class ReasonTextTests
{
    public static TheoryData<string> All =>
    [
        .. Enum.GetValues<VoiceReason>().Select(reason => ReasonText.Of(reason, stored: "hal")),
        .. Enum.GetValues<ChangeRejection>().Select(ReasonText.Of),
        .. Enum.GetValues<OperatorActResult>().Select(ReasonText.Of),
    ];

    [Theory]
    [MemberData(nameof(All))]
    public void Every_reason_is_one_sentence(string sentence)
    {
        Assert.Matches("^[A-Z][^.]*\\.$", sentence);
        Assert.InRange(sentence.Length, 20, 160);
    }

    [Fact]
    public void No_two_reasons_have_the_same_sentence() =>
        Assert.Distinct(All.Select(row => row.Data));

    [Fact]
    public void A_stored_voice_that_was_not_used_is_quoted_and_steers_nothing()
    {
        Assert.Contains("does not have ('h\\u001Bal'), so", ReasonText.Of(VoiceReason.UnsupportedVoice, "h\u001bal"), StringComparison.Ordinal);
        Assert.Contains("does not have, so", ReasonText.Of(VoiceReason.UnsupportedVoice, stored: null), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "The change was made.")]
    [InlineData(true, "The change was made; since the last recorded change the application had changed the voice itself.")]
    public void A_change_says_whether_the_application_had_changed_the_voice_before(bool outside, string expected)
    {
        var change = new BusinessVoiceUpdated
        {
            Stream = "business-7", BusinessId = 7, PreviousVoiceId = "ash", VoiceId = "sage", ChangedAt = DateTimeOffset.UnixEpoch,
            ChangedBy = null, OccurredAt = DateTimeOffset.UnixEpoch, ChangedOutside = outside,
        };

        Assert.Equal(expected, ReasonText.Of(change));
        Assert.Null(ReasonText.Of(new SchemaMigrated
        {
            Stream = "schema", OccurredAt = DateTimeOffset.UnixEpoch, Migration = "58", Steps = [], RowsBackfilled = 0, DurationMs = 0,
        }));
    }
}
