using VoiceWorker.Contracts;
using VoiceWorker.Verbs.Audit;

namespace VoiceWorker.Tests.Unit.Verbs.Audit;

/// <summary>What an event tells, for whoever does not know the contract.</summary>
public sealed class EventSentenceTests
{
    public static TheoryData<VoiceReason> Reasons() => [.. Enum.GetValues<VoiceReason>()];

    public static TheoryData<ChangeRejection> Rejections() => [.. Enum.GetValues<ChangeRejection>()];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Every_reason_of_a_voice_has_its_words(VoiceReason reason) =>
        Assert.Contains("voice", EventSentence.Of(reason, "hal9000"), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Rejections))]
    public void Every_rejection_has_its_words(ChangeRejection rejection) => Assert.NotEmpty(EventSentence.Of(rejection));

    [Fact]
    public void A_reason_that_is_unknown_is_not_guessed() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => EventSentence.Of((VoiceReason)99, null));

    [Fact]
    public void What_a_producer_wrote_steers_nothing()
    {
        var change = new BusinessVoiceUpdated
        {
            EventId = Guid.NewGuid(), Stream = "business-7", Sequence = 1, OccurredAt = DateTimeOffset.UnixEpoch, BusinessId = 7,
            PreviousVoiceId = "\u001b[2J\u202e", VoiceId = "ash", ChangedAt = DateTimeOffset.UnixEpoch, ChangedBy = null,
        };

        Assert.Equal(@"The voice became ash; before it was \u001B[2J\u202E.", EventSentence.Of(change));
    }
}
