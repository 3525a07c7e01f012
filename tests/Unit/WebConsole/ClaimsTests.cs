using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using VoiceWorker.WebConsole.Access;

namespace VoiceWorker.Tests.Unit.WebConsole;

/// <summary>What is kept of that which a provider tells.</summary>
public sealed class ClaimsTests(ClaimsTests.Provided console) : IClassFixture<ClaimsTests.Provided>
{
    private static readonly string[] Settings =
    [
        "--Console:Oidc:Authority=https://login.example", "--Console:Oidc:NameClaim=email", "--Console:Oidc:RoleClaim=groups",
        "--Console:Oidc:Viewer=lookers", "--Console:Oidc:Operator=doers", "--Console:Oidc:Admin=owners",
    ];

    [Theory]
    [InlineData("groups", "lookers", Roles.Viewer)]
    [InlineData("groups", "doers", Roles.Operator)]
    [InlineData("groups", "owners", Roles.Admin)]
    [InlineData("groups", "Owners", null)]
    [InlineData("groups", "voice-admin", null)]
    [InlineData("roles", "owners", null)]
    [InlineData(ClaimTypes.Role, Roles.Admin, null)]
    public async Task A_role_is_given_by_the_claim_and_the_names_that_are_set(string claim, string value, string? role)
    {
        var (told, returns) = await TellAsync(new("email", "anna@example.org"), new("preferred_username", "root"), new("sub", "1"), new(claim, value));

        Assert.Equal(("anna@example.org", role), (told.NameOrUnknown(), told.Role()));
        // Nothing else of the provider's is kept, and nobody is led to where the provider says.
        Assert.All(told.Claims, kept => Assert.True(kept.Type is ClaimTypes.Name or ClaimTypes.Role, kept.Type));
        Assert.Equal("/signed-in", returns);
    }

    // A record of acts takes no other: what he does would not be in it.
    [Theory]
    [InlineData(null, "4711", "4711")]
    [InlineData("", "4711", "4711")]
    [InlineData("an\u001b[2Jna", "4711", "4711")]
    [InlineData("an\nna", "4711", "4711")]
    [InlineData("a name of 120 characters ...............................................................................................", "4711", "4711")]
    [InlineData("an\nna", "47\n11", "unknown")]
    [InlineData("<script>", "4711", "<script>")]
    public async Task A_name_that_cannot_be_recorded_is_none(string? name, string subject, string known)
    {
        var claims = new List<Claim> { new("preferred_username", "root"), new("sub", subject) };
        if (name is not null)
            claims.Add(new("email", name));

        var (told, _) = await TellAsync([.. claims]);

        Assert.Equal(known, told.NameOrUnknown());
    }

    [Fact]
    public void A_code_is_asked_for_with_a_proof_over_https_alone()
    {
        var provider = console.Provider;

        Assert.Equal(("code", true, true), (provider.ResponseType, provider.UsePkce, provider.RequireHttpsMetadata));
        Assert.True(provider.ProtocolValidator.RequireNonce);
    }

    private async Task<(ClaimsPrincipal Person, string? Returns)> TellAsync(params Claim[] claims)
    {
        var provider = console.Provider;
        var scheme = new AuthenticationScheme(OidcSignIn.Scheme, null, typeof(OpenIdConnectHandler));
        var ticket = new AuthenticationTicket(new(new ClaimsIdentity(claims, "provider")), OidcSignIn.Scheme);
        var received = new TicketReceivedContext(new DefaultHttpContext(), scheme, provider, ticket) { ReturnUri = "https://other.example" };

        await provider.Events.TicketReceived(received);

        return (received.Principal!, received.ReturnUri);
    }

    /// <summary>A console where a provider signs people in, with other names than the usual ones.</summary>
    public sealed class Provided : IAsyncLifetime
    {
        private ConsoleHere _console = null!;

        /// <summary>As the sign-in has it.</summary>
        public OpenIdConnectOptions Provider =>
            _console.Services.GetRequiredService<IOptionsMonitor<OpenIdConnectOptions>>().Get(OidcSignIn.Scheme);

        public async ValueTask InitializeAsync() => _console = await ConsoleHere.StartAsync(Settings);

        public ValueTask DisposeAsync() => _console.DisposeAsync();
    }
}
