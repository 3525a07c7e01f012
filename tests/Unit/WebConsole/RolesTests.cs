using VoiceWorker.Boot;
using VoiceWorker.WebConsole.Access;

namespace VoiceWorker.Tests.Unit.WebConsole;

/// <summary>Who may do what.</summary>
public sealed class RolesTests
{
    [Theory]
    [InlineData(null, false, false, false)]
    [InlineData("somebody", false, false, false)]
    [InlineData(Roles.Viewer, true, false, false)]
    [InlineData(Roles.Operator, true, true, false)]
    [InlineData(Roles.Admin, true, true, true)]
    public void Each_role_has_what_those_before_it_have(string? role, bool views, bool operates, bool administers)
    {
        var person = Roles.Person("anna", role, "test");

        Assert.Equal((views, operates, administers), (person.Is(Roles.Viewer), person.Is(Roles.Operator), person.Is(Roles.Admin)));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("voice-admin-of-something-else", null)]
    [InlineData("VOICE-ADMIN", null)]
    [InlineData("voice-viewer", Roles.Viewer)]
    [InlineData("voice-operator voice-viewer", Roles.Operator)]
    [InlineData("voice-viewer voice-admin", Roles.Admin)]
    public void The_highest_role_of_the_claims_counts(string claims, string? role) =>
        Assert.Equal(role, Roles.Of(claims.Split(' '), new OidcOptions()));

    [Fact]
    public void A_token_is_good_once()
    {
        var tokens = new OneTimeToken();
        var first = tokens.Current;

        Assert.False(tokens.TryUse(null));
        Assert.False(tokens.TryUse(first + "x"));
        Assert.True(tokens.TryUse(first));
        Assert.False(tokens.TryUse(first));
        Assert.True(tokens.TryUse(tokens.Current));
    }
}
