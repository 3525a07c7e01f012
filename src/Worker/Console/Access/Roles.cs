using System.Security.Claims;
using VoiceWorker.Boot;

namespace VoiceWorker.WebConsole.Access;

/// <summary>Who may do what. Each has what those before it have; the names are also those of the policies.</summary>
internal static class Roles
{
    /// <summary>Looks at everything but bodies of messages.</summary>
    public const string Viewer = "viewer";

    /// <summary>Sees bodies, replays, pauses and resumes, drains.</summary>
    public const string Operator = "operator";

    /// <summary>Edits and discards dead letters, sets voices, replays into a queue.</summary>
    public const string Admin = "admin";

    private static readonly string[] Ranks = [Viewer, Operator, Admin];

    /// <summary>Adds a policy for each.</summary>
    public static IServiceCollection AddRoles(this IServiceCollection services)
    {
        var authorization = services.AddAuthorizationBuilder();
        foreach (var role in Ranks)
            authorization.AddPolicy(role, policy => policy.RequireAssertion(asked => asked.User.Is(role)));
        return services;
    }

    /// <summary>Whether somebody may do what a role may.</summary>
    public static bool Is(this ClaimsPrincipal user, string role) =>
        Array.IndexOf(Ranks, user.Role()) is var rank && rank >= 0 && rank >= Array.IndexOf(Ranks, role);

    /// <summary>The role; null for nobody's.</summary>
    public static string? Role(this ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.Role);

    /// <summary>As acts are recorded.</summary>
    public static string NameOrUnknown(this ClaimsPrincipal user) => user.Identity?.Name ?? "unknown";

    /// <summary>Somebody with a role, signed in by a scheme.</summary>
    public static ClaimsPrincipal Person(string name, string? role, string scheme) => new(new ClaimsIdentity(
        [new(ClaimTypes.Name, name), .. role is null ? Array.Empty<Claim>() : [new(ClaimTypes.Role, role)]], scheme));

    /// <summary>The highest role that a provider's claims give; null for none.</summary>
    public static string? Of(IEnumerable<string> claims, OidcOptions oidc)
    {
        var given = claims.ToHashSet(StringComparer.Ordinal);
        return given.Contains(oidc.Admin) ? Admin : given.Contains(oidc.Operator) ? Operator
            : given.Contains(oidc.Viewer) ? Viewer : null;
    }
}
