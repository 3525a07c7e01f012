using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http.HttpResults;
using VoiceWorker.Boot;
using VoiceWorker.Verbs.Shell;
using VoiceWorker.WebConsole.Pages;

namespace VoiceWorker.WebConsole.Access;

/// <summary>Signing in and out: a cookie, after the printed address or after OpenID Connect.</summary>
internal static class SignIn
{
    /// <summary>Of the sign-in by the printed address.</summary>
    public const string Path = "/login";

    private const string Left = "/signed-out";
    private const string Limited = "login";
    private const int AttemptsInAMinute = 10;

    /// <summary>Adds it.</summary>
    public static void AddSignIn(this IServiceCollection services, ConsoleOptions options)
    {
        services.AddSingleton<OneTimeToken>();
        var schemes = services.AddAuthentication(scheme =>
        {
            scheme.DefaultScheme = CookieAuthenticationDefaults.AuthenticationScheme;
            if (options.Oidc.Authority.Length > 0)
                scheme.DefaultChallengeScheme = OidcSignIn.Scheme;
        });
        schemes.AddCookie(cookie => Configure(cookie, options));
        if (options.Oidc.Authority.Length > 0)
            schemes.AddProvider(options.Oidc);
        services.AddRoles().AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.AddPolicy(Limited, http => RateLimitPartition.GetSlidingWindowLimiter(
                http.Connection.RemoteIpAddress?.ToString() ?? "", _ => new SlidingWindowRateLimiterOptions
                {
                    PermitLimit = AttemptsInAMinute, Window = TimeSpan.FromMinutes(1), SegmentsPerWindow = 6,
                }));
        });
    }

    /// <summary>Maps its addresses, which anybody may ask for.</summary>
    public static void MapSignIn(this IEndpointRouteBuilder console, ConsoleOptions options)
    {
        if (options.Oidc.Authority.Length == 0)
            console.MapGet(Path, TakeTokenAsync).AllowAnonymous().RequireRateLimiting(Limited);
        console.MapGet("/signed-in", () => new RazorComponentResult<SignedInPage>()).AllowAnonymous();
        console.MapPost("/logout", LeaveAsync).AllowAnonymous();
        console.MapGet(Left, () => new RazorComponentResult<SignedOutPage>()).AllowAnonymous();
    }

    private static void Configure(CookieAuthenticationOptions cookie, ConsoleOptions options)
    {
        cookie.Cookie.Name = "voice-worker-console";
        cookie.Cookie.SameSite = SameSiteMode.Strict;
        cookie.Cookie.HttpOnly = true;
        cookie.ExpireTimeSpan = options.Session;
        cookie.LoginPath = Path;
        cookie.Events.OnRedirectToLogin = asked => TellAsync(asked.HttpContext, StatusCodes.Status401Unauthorized);
        cookie.Events.OnRedirectToAccessDenied = asked => TellAsync(asked.HttpContext, StatusCodes.Status403Forbidden);
    }

    // The page of the status is written by the handler of all of them.
    private static Task TellAsync(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static async Task<IResult> TakeTokenAsync(
        HttpContext http, OneTimeToken tokens, ConsoleAddress address, string? token, ILogger<OneTimeToken> logger)
    {
        if (!tokens.TryUse(token))
        {
            logger.ConsoleTokenRefused(http.Connection.RemoteIpAddress?.ToString() ?? "?");
            return Results.StatusCode(StatusCodes.Status401Unauthorized);
        }

        address.Tell();
        await http.SignInAsync(Roles.Person(
            OperatorName.OfProcess(), Roles.Admin, CookieAuthenticationDefaults.AuthenticationScheme));
        return Results.LocalRedirect("/signed-in");
    }

    private static async Task<IResult> LeaveAsync(HttpContext http, IFormCollection form)
    {
        _ = form;
        await http.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        // Not to a page that would lead on to the provider: a form may not, by the content security policy.
        return Results.LocalRedirect(Left);
    }
}
