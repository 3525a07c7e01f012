using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using VoiceWorker.Boot;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.WebConsole.Access;

/// <summary>OpenID Connect: the provider says who somebody is, and by a claim what he may.</summary>
internal static class OidcSignIn
{
    public const string Scheme = OpenIdConnectDefaults.AuthenticationScheme;

    /// <summary>Adds the provider.</summary>
    public static void AddProvider(this AuthenticationBuilder schemes, OidcOptions oidc) =>
        schemes.AddOpenIdConnect(Scheme, provider =>
        {
            provider.Authority = oidc.Authority;
            provider.RequireHttpsMetadata = !oidc.IsPlain;
            provider.ClientId = oidc.ClientId;
            provider.ClientSecret = oidc.ClientSecret.Length == 0 ? null : oidc.ClientSecret;
            provider.ResponseType = "code";
            // By the address: a form from another site would come without the cookies that belong to it.
            provider.ResponseMode = "query";
            provider.CorrelationCookie.SameSite = SameSiteMode.Lax;
            provider.NonceCookie.SameSite = SameSiteMode.Lax;
            provider.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            provider.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            provider.MapInboundClaims = false;
            provider.GetClaimsFromUserInfoEndpoint = false;
            provider.Scope.Clear();
            provider.Scope.Add("openid");
            provider.Scope.Add("profile");
            provider.Scope.Add("roles");
            provider.SignInScheme = CookieAuthenticationDefaults.AuthenticationScheme;
            provider.Events.OnRedirectToIdentityProvider = asked =>
            {
                // A script that asks for data is not sent to another site, nor is a form.
                if (HttpMethods.IsGet(asked.Request.Method) && !asked.Request.Headers.ContainsKey("X-Live"))
                    return Task.CompletedTask;
                asked.Response.StatusCode = StatusCodes.Status401Unauthorized;
                asked.HandleResponse();
                return Task.CompletedTask;
            };
            provider.Events.OnTicketReceived = received =>
            {
                received.Principal = PersonOf(received.Principal!, oidc);
                // The strict cookie is not sent along a chain that another site began: a page of our own ends it.
                received.ReturnUri = "/signed-in";
                return Task.CompletedTask;
            };
            provider.Events.OnRemoteFailure = failed =>
            {
                failed.Response.StatusCode = StatusCodes.Status401Unauthorized;
                failed.HandleResponse();
                return Task.CompletedTask;
            };
        });

    // What is kept in the cookie: a name and a role, nothing of the provider's. A name that no record can have would
    // leave what its bearer does unrecorded.
    private static ClaimsPrincipal PersonOf(ClaimsPrincipal told, OidcOptions oidc) => Roles.Person(
        new[] { told.FindFirstValue(oidc.NameClaim), told.FindFirstValue("sub") }
            .FirstOrDefault(name => name is not null && OperatorName.IsRecordable(name)) ?? OperatorName.Nobody,
        Roles.Of(told.FindAll(oidc.RoleClaim).Select(claim => claim.Value), oidc), Scheme);
}
