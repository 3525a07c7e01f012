using System.Text;
using Microsoft.Extensions.Configuration;
using VoiceWorker.Voices;
using static VoiceWorker.Tests.Unit.Boot.OptionRulesTests;

namespace VoiceWorker.Tests.Unit.Voices;

public sealed class VoiceOptionsTests
{
    [Theory]
    [InlineData("ash")]
    [InlineData(" VERSE ")]
    public void The_default_is_one_of_the_known_voices_when_no_catalogue_is_given(string voice) =>
        Assert.Empty(Validate(new VoiceOptions { Default = voice }));

    [Fact]
    public void The_default_must_be_in_the_configured_catalogue()
    {
        Assert.Empty(Validate(new VoiceOptions { Default = "new", Available = ["old", "New "] }));
        Assert.Equal(
            ["Voices:Default must be one of Voices:Available."],
            Validate(new VoiceOptions { Available = ["echo", "verse"] }));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("   ")]
    public void A_default_must_be_given(string? voice) => Assert.StartsWith(
        "Voices:Default must be ", Assert.Single(Validate(new VoiceOptions { Default = voice! })), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "an entry of 0 characters")]
    [InlineData("  ", "an entry of 2 characters")]
    [InlineData("a-voice-with-a-name-of-33-chars-xx", "an entry of 34 characters")]
    public void An_entry_of_the_catalogue_must_have_1_to_32_characters(string entry, string told)
    {
        var broken = Assert.Single(Validate(new VoiceOptions { Available = ["ash", entry] }));

        Assert.StartsWith("Voices:Available ", broken, StringComparison.Ordinal);
        Assert.Contains(told, broken, StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_of_32_characters_with_white_space_around_is_right() =>
        Assert.Empty(Validate(new VoiceOptions { Available = ["ash", "  " + new string('x', 32) + " "] }));

    [Fact]
    public void A_wrong_entry_and_a_wrong_default_are_told_at_once() => Assert.Equal(
        2, Validate(new VoiceOptions { Default = "robot", Available = ["ash", ""] }).Count);

    [Fact]
    public void A_null_in_the_catalogue_is_told_like_an_empty_entry()
    {
        using var json = new MemoryStream(Encoding.UTF8.GetBytes("""{"Voices":{"Available":["ash",null]}}"""));
        var options = new ConfigurationBuilder().AddJsonStream(json).Build().GetSection("Voices").Get<VoiceOptions>()!;

        Assert.StartsWith("Voices:Available ", Assert.Single(Validate(options)), StringComparison.Ordinal);
    }
}
