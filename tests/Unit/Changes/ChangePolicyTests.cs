using VoiceWorker.Changes;
using VoiceWorker.Contracts;
using VoiceWorker.Voices;

namespace VoiceWorker.Tests.Unit.Changes;

public sealed class ChangePolicyTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 31, 9, 30, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Later = At.AddDays(1);
    private static readonly VoiceCatalogue Catalogue = new(new VoiceOptions());
    private static readonly StoredVoice Known = new(true, "ash");

    [Fact]
    public void The_first_change_of_a_business_is_made() =>
        Assert.Null(ChangePolicy.Reject(Change("coral", 0), Later, Known, standing: null, Catalogue));

    [Fact]
    public void A_change_of_an_unknown_business_is_rejected_whatever_its_voice() => Assert.All(
        ["coral", "robot"],
        voice => Assert.Equal(
            ChangeRejection.UnknownBusiness,
            ChangePolicy.Reject(Change(voice, 0), Later, new StoredVoice(false, null), standing: null, Catalogue)));

    [Fact]
    public void A_change_to_an_unsupported_voice_is_rejected_also_when_it_is_late() => Assert.All(
        [-1, 0, 1],
        seconds => Assert.Equal(
            ChangeRejection.UnsupportedVoice,
            ChangePolicy.Reject(Change("robot", seconds), Later, Known, (At, "coral"), Catalogue)));

    [Theory]
    [InlineData("coral", 1, null)]
    [InlineData("coral", 0, null)]
    [InlineData("echo", 0, null)]
    [InlineData("ash", 1, null)]
    [InlineData("ash", 0, ChangeRejection.Superseded)]
    [InlineData("echo", -1, ChangeRejection.Superseded)]
    public void The_later_change_stands_and_at_the_same_instant_the_greater_voice_id(
        string voice, int seconds, ChangeRejection? rejection) => Assert.Equal(
            rejection, ChangePolicy.Reject(Change(voice, seconds), Later, Known, (At, "coral"), Catalogue));

    [Fact]
    public void A_microsecond_decides() => Assert.Equal(
        ChangeRejection.Superseded,
        ChangePolicy.Reject(Change("verse", 0), Later, Known, (At.AddMicroseconds(1), "ash"), Catalogue));

    [Theory]
    [InlineData("coral", "coral", false)]
    [InlineData(" CORAL", "coral", false)]
    [InlineData("sage", "coral", true)]
    [InlineData(null, "coral", true)]
    [InlineData("sage", null, false)]
    public void A_voice_that_the_change_that_stands_did_not_leave_was_changed_outside(
        string? stored, string? standing, bool isOutside) =>
        Assert.Equal(isOutside, ChangePolicy.IsChangedOutside(new StoredVoice(true, stored), standing));

    [Fact]
    public void Nothing_is_claimed_of_a_business_that_is_gone() =>
        Assert.False(ChangePolicy.IsChangedOutside(new StoredVoice(false, null), "coral"));

    [Fact]
    public void A_change_that_lies_ahead_counts_as_of_when_it_was_recorded()
    {
        var ahead = Change("verse", 0) with { ChangedAt = At.AddYears(50) };
        var standing = (ChangePolicy.InstantOf(ahead, At), "verse");

        Assert.Equal(At, standing.Item1);
        Assert.Null(ChangePolicy.Reject(Change("coral", 1), Later, Known, standing, Catalogue));
        Assert.Equal(
            ChangeRejection.Superseded, ChangePolicy.Reject(Change("coral", -1), Later, Known, standing, Catalogue));
    }

    [Fact]
    public void A_business_without_a_voice_can_get_one() =>
        Assert.Null(ChangePolicy.Reject(Change("coral", 0), Later, new StoredVoice(true, null), standing: null, Catalogue));

    [Fact]
    public void Every_order_of_arrival_ends_with_the_same_change()
    {
        // Among them a repeat, two at the same instant, an unsupported voice that is the latest of all.
        BusinessVoiceChanged[] changes =
            [Change("verse", 0), Change("coral", 2), Change("echo", 2), Change("echo", 2), Change("robot", 3)];
        var orders = Permutations(changes).ToList();

        Assert.Equal(120, orders.Count);
        Assert.All(orders, order => Assert.Equal((At.AddSeconds(2), "echo"), StandingAfter(order)));
    }

    [Fact]
    public void Every_order_of_random_changes_ends_with_the_same_change()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var changes = Enumerable.Range(0, 5)
                .Select(_ => Change(random.GetItems(["ash", "coral", "echo", "robot"], 1)[0], random.Next(3))).ToArray();

            Assert.Single(Permutations(changes).Select(StandingAfter).Distinct());
        }
    }

    private static BusinessVoiceChanged Change(string voice, int seconds) => new(42, voice, At.AddSeconds(seconds));

    private static (DateTimeOffset ChangedAt, string VoiceId)? StandingAfter(IEnumerable<BusinessVoiceChanged> arrivals)
    {
        (DateTimeOffset, string)? standing = null;
        foreach (var change in arrivals)
        {
            if (ChangePolicy.Reject(change, Later, Known, standing, Catalogue) is null)
                standing = (change.ChangedAt, change.VoiceId);
        }

        return standing;
    }

    private static IEnumerable<BusinessVoiceChanged[]> Permutations(BusinessVoiceChanged[] changes) => changes.Length == 1
        ? [changes]
        : changes.SelectMany((first, at) =>
            Permutations([.. changes[..at], .. changes[(at + 1)..]]).Select(rest => (BusinessVoiceChanged[])[first, .. rest]));
}
