using VoiceWorker.Calls;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Calls;
using VoiceWorker.Voices;

namespace VoiceWorker.Tests.Unit.Calls;

/// <summary>The table of sources and reasons in contracts.md, row by row.</summary>
public sealed class VoicePolicyTests
{
    private static readonly VoiceCatalogue Catalogue = new(new VoiceOptions());

    [Theory]
    [InlineData("coral", "coral")]
    [InlineData("ash", "ash")]
    [InlineData(" Coral\t", "coral")]
    public void A_business_with_a_supported_voice_speaks_with_it(string stored, string voice) => Assert.Equal(
        new VoiceDecision(voice, VoiceSource.Business, VoiceReason.BusinessVoice, StoredVoiceId: null),
        VoicePolicy.Resolve(new StoredVoice(true, stored), Catalogue));

    [Fact]
    public void An_unknown_business_speaks_with_the_default() => Assert.Equal(
        new VoiceDecision("ash", VoiceSource.Default, VoiceReason.UnknownBusiness, StoredVoiceId: null),
        VoicePolicy.Resolve(new StoredVoice(false, null), Catalogue));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  \t")]
    public void A_business_without_a_voice_speaks_with_the_default(string? stored) => Assert.Equal(
        new VoiceDecision("ash", VoiceSource.Default, VoiceReason.NoVoice, stored),
        VoicePolicy.Resolve(new StoredVoice(true, stored), Catalogue));

    [Theory]
    [InlineData("robot")]
    [InlineData("as h")]
    [InlineData("Robot ")]
    public void A_voice_that_is_not_supported_is_replaced_by_the_default_and_told_as_stored(string stored) => Assert.Equal(
        new VoiceDecision("ash", VoiceSource.Default, VoiceReason.UnsupportedVoice, stored),
        VoicePolicy.Resolve(new StoredVoice(true, stored), Catalogue));

    [Fact]
    public void Without_the_database_the_default_speaks() => Assert.Equal(
        new VoiceDecision("ash", VoiceSource.Default, VoiceReason.DatabaseUnavailable, StoredVoiceId: null),
        VoicePolicy.WithoutDatabase(Catalogue));

    [Fact]
    public void The_configured_default_and_catalogue_are_what_counts()
    {
        var catalogue = new VoiceCatalogue(new VoiceOptions { Default = " Verse ", Available = ["VERSE", "echo"] });

        Assert.Equal("VERSE", VoicePolicy.Resolve(new StoredVoice(false, null), catalogue).VoiceId);
        Assert.Equal("echo", VoicePolicy.Resolve(new StoredVoice(true, "echo"), catalogue).VoiceId);
        Assert.Equal(VoiceReason.UnsupportedVoice, VoicePolicy.Resolve(new StoredVoice(true, "ash"), catalogue).Reason);
    }

    [Fact]
    public void A_business_is_looked_up_among_those_that_exist()
    {
        var voices = new Dictionary<int, string?> { [1] = "coral", [2] = null };

        Assert.Equal(new StoredVoice(true, "coral"), StoredVoice.Of(voices, 1));
        Assert.Equal(new StoredVoice(true, null), StoredVoice.Of(voices, 2));
        Assert.Equal(new StoredVoice(false, null), StoredVoice.Of(voices, 3));
    }
}
