using VoiceWorker.Contracts;
using VoiceWorker.Verbs.Audit;

namespace VoiceWorker.Tests.Unit.Verbs.Audit;

/// <summary>What an event tells, for whoever does not know the contract.</summary>
public sealed class EventSentenceTests
{
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
