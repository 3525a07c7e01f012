using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using VoiceWorker.Boot;
using VoiceWorker.Observability;
using VoiceWorker.WebConsole.Access;
using VoiceWorker.WebConsole.Acts;
using VoiceWorker.WebConsole.Live;
using VoiceWorker.WebConsole.Pages;

namespace VoiceWorker.WebConsole;

/// <summary>Puts the console together: a host of its own, also where it runs beside a worker, of which it shares
/// nothing but the process.</summary>
internal static class ConsoleHost
{
    // What is read every two seconds is no news; what ASP.NET Core warns of is meant so.
    private static readonly string[] QuietLog =
    [
        "--Logging:LogLevel:VoiceWorker=Warning", "--Logging:LogLevel:Microsoft.Hosting=Warning",
        "--Logging:LogLevel:Microsoft.AspNetCore.Antiforgery=Critical",
        "--Logging:LogLevel:Microsoft.AspNetCore.DataProtection=Error",
    ];

    /// <summary>Ready to be run.</summary>
    /// <param name="settings">Command-line settings, as for the worker.</param>
    public static WebApplication Build(string[] settings)
    {
        var builder = WorkerHost.CreateTools([.. QuietLog, .. settings]);
        builder.AddLogToStandardError();
        var options = builder.Configuration.GetSection("Console").Get<ConsoleOptions>() ?? new();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
        });
        Add(builder.Services, options);
        var console = builder.Build();
        console.Urls.Clear();
        foreach (var address in options.Addresses)
            console.Urls.Add(address);
        Use(console, options);
        // Whoever opens it first does not wait for what is compiled and connected then.
        console.Lifetime.ApplicationStarted.Register(
            () => _ = console.Services.GetRequiredService<StatusFeed>().LookAsync());
        return console;
    }

    private static void Add(IServiceCollection services, ConsoleOptions options)
    {
        services.AddSingleton<ConsoleAddress>();
        services.AddSignIn(options);
        services.AddKeyRing();
        services.AddAntiforgery(forgery =>
        {
            forgery.Cookie.Name = "voice-worker-form";
            forgery.Cookie.SameSite = SameSiteMode.Strict;
            forgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            forgery.HeaderName = "X-Form";
        });
        services.AddHostFiltering(filter =>
        {
            filter.AllowEmptyHosts = false;
            filter.AllowedHosts = [.. options.Hosts, .. options.Addresses.Select(url => BindingAddress.Parse(url).Host),
                "localhost", "127.0.0.1", "[::1]"];
        });
        services.AddRazorComponents();
        services.AddHttpContextAccessor();
        services.AddReaders();
        services.AddOptions<HostOptions>().Configure<IOptions<ShutdownOptions>>(
            (host, shutdown) => host.ShutdownTimeout = shutdown.Value.Timeout / 2);
    }

    private static void Use(WebApplication console, ConsoleOptions options)
    {
        console.UseResponseRules();
        if (options.TrustedProxies.Length > 0)
            console.UseForwardedHeaders(Forwarded(options));
        console.UseHostFiltering();
        console.UseStatusCodePages(ErrorPages.WriteAsync);
        console.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = ErrorPages.WriteFailureAsync, CreateScopeForErrors = true,
        });
        console.UseOwnFiles();
        console.UseRouting();
        console.UseRateLimiter();
        console.UseAuthentication();
        console.UseAuthorization();
        console.UseAntiforgery();
        console.MapSignIn(options);
        var pages = console.MapGroup("").RequireAuthorization(Roles.Viewer);
        pages.MapLive();
        pages.MapActs(options);
        pages.MapLetterFile();
        console.MapRazorComponents<Document>().RequireAuthorization(Roles.Viewer);
    }

    private static ForwardedHeadersOptions Forwarded(ConsoleOptions options)
    {
        var forwarded = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
        };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var proxy in options.TrustedProxies)
            forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(ConsoleOptions.Network(proxy)));
        return forwarded;
    }
}
