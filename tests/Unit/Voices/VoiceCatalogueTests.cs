using VoiceWorker.Voices;

namespace VoiceWorker.Tests.Unit.Voices;

public sealed class VoiceCatalogueTests
{
    [Theory]
    [InlineData("ash", "ash")]
    [InlineData("ASH", "ash")]
    [InlineData(" \tAsh\r\n", "ash")]
    [InlineData("\u00a0ash\u2003", "ash")]
    [InlineData("SHIMMER", "shimmer")]
    [InlineData("a sh", "a sh")]
    [InlineData("  ", "")]
    public void A_voice_is_compared_trimmed_and_in_lower_case(string given, string compared)
    {
        Assert.Equal(compared, VoiceCatalogue.Normalize(given));
        Assert.Equal(compared, VoiceCatalogue.Normalize(compared));
    }

    [Fact]
    public void The_thirteen_known_voices_are_supported_when_nothing_is_configured()
    {
        var catalogue = new VoiceCatalogue(new VoiceOptions());

        Assert.All(
            "alloy, ash, ballad, cedar, coral, echo, fable, marin, nova, onyx, sage, shimmer, verse".Split(','),
            voice => Assert.True(catalogue.IsSupported(voice), voice));
        Assert.False(catalogue.IsSupported("robot"));
        Assert.False(catalogue.IsSupported(""));
        Assert.Equal("ash", catalogue.Default);
    }

    [Fact]
    public void A_configured_catalogue_replaces_the_known_voices_as_a_whole()
    {
        var catalogue = new VoiceCatalogue(new VoiceOptions { Default = "New", Available = [" NEW "] });

        Assert.True(catalogue.IsSupported("new"));
        Assert.False(catalogue.IsSupported("ash"));
        Assert.Equal("NEW", catalogue.Default);
    }

    [Theory]
    [InlineData("he-il-wavenet-a", "he-IL-Wavenet-A")]
    [InlineData(" HE-IL-WAVENET-A\t", "he-IL-Wavenet-A")]
    [InlineData("ash", "Ash")]
    [InlineData("Robot ", "robot")]
    public void A_voice_is_spelled_as_the_catalogue_has_it(string given, string spelled)
    {
        var catalogue = new VoiceCatalogue(new VoiceOptions { Default = "ash", Available = ["he-IL-Wavenet-A ", "Ash", "ASH"] });

        Assert.Equal(spelled, catalogue.Spell(given));
        Assert.Equal(spelled != "robot", catalogue.IsSupported(given));
        Assert.Equal("Ash", catalogue.Default);
    }
}
