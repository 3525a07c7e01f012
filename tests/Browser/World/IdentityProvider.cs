using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using VoiceWorker.Infrastructure.Servers;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace VoiceWorker.Tests.Browser.World;

/// <summary>A provider of OpenID Connect that believes whoever says who he is. It is at <c>localhost</c>, which to a
/// browser is another site than 127.0.0.1, where the consoles are.</summary>
internal sealed class IdentityProvider : IAsyncDisposable
{
    private const string Client = "voice-worker-console";
    private const string NameField = "name";
    private const string RolesField = "roles_of_name";

    private readonly WebApplication _server;

    private IdentityProvider(WebApplication server, string authority) => (_server, Authority) = (server, authority);

    /// <summary>As for <c>Console:Oidc:Authority</c>.</summary>
    public string Authority { get; }

    public static async Task<IdentityProvider> StartAsync()
    {
        var authority = $"http://localhost:{FreePort.Next()}";
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddOpenIddict().AddServer(Configure);
        var server = builder.Build();
        server.Urls.Add(authority);
        server.MapMethods("/authorize", ["GET", "POST"], AuthorizeAsync);
        await server.StartAsync();
        return new IdentityProvider(server, authority);
    }

    /// <summary>Where its form leads when somebody has filled it.</summary>
    public static Uri Answer(Uri asked, string name, IEnumerable<string> roles) => new(
        $"{asked}&{NameField}={Uri.EscapeDataString(name)}&{RolesField}={Uri.EscapeDataString(string.Join(' ', roles))}");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static void Configure(OpenIddictServerBuilder provider)
    {
        provider.SetAuthorizationEndpointUris("authorize").SetTokenEndpointUris("token");
        provider.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
        provider.RegisterScopes("openid", "profile", "roles");
        provider.AddEphemeralEncryptionKey().AddEphemeralSigningKey();
        provider.UseAspNetCore().DisableTransportSecurityRequirement().EnableAuthorizationEndpointPassthrough();
        // Without a store: it knows one client.
        provider.EnableDegradedMode();
        provider.AddEventHandler<ValidateAuthorizationRequestContext>(handler => handler.UseInlineHandler(asked =>
        {
            if (asked.ClientId != Client || !Uri.TryCreate(asked.RedirectUri, UriKind.Absolute, out var uri) || uri.AbsolutePath != "/signin-oidc")
                asked.Reject(OpenIddictConstants.Errors.InvalidClient);
            return default;
        }));
        provider.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(asked =>
        {
            if (asked.ClientId != Client)
                asked.Reject(OpenIddictConstants.Errors.InvalidClient);
            return default;
        }));
    }

    private static IResult AuthorizeAsync(HttpContext http)
    {
        var asked = http.GetOpenIddictServerRequest()!;
        var name = http.Request.Query[NameField].ToString();
        if (name.Length == 0)
            return Results.Content(Form(http.Request.Query), "text/html; charset=utf-8");
        var identity = new ClaimsIdentity(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        identity.SetClaim("sub", $"id of {name}").SetClaim("preferred_username", name);
        identity.SetClaims("roles", [.. http.Request.Query[RolesField].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        identity.SetScopes(asked.GetScopes()).SetDestinations(_ => ["id_token"]);
        return Results.SignIn(new ClaimsPrincipal(identity), null, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    private static string Form(IQueryCollection asked)
    {
        var kept = new StringBuilder();
        foreach (var (key, value) in asked)
            kept.Append($"<input type=hidden name='{HtmlEncoder.Default.Encode(key)}' value='{HtmlEncoder.Default.Encode(value.ToString())}'>");
        return $"""
            <!DOCTYPE html><html lang=en><title>Who are you?</title><link rel=icon href="data:,"><form>{kept}
            <label>Name <input name={NameField}></label> <label>Roles <input name={RolesField}></label> <button>Sign in</button></form></html>
            """;
    }
}
