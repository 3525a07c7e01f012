using System.ComponentModel.DataAnnotations;
using System.Net;

namespace VoiceWorker.Boot;

/// <summary>Section <c>Console</c>: the page for the people who run the worker.</summary>
internal sealed class ConsoleOptions : IValidatableObject
{
    /// <summary>Whether <c>run</c> serves it beside the worker.</summary>
    public bool Enabled { get; set; }

    /// <summary>Where it listens, separated by semicolons. Anything but this machine's loopback needs
    /// <see cref="OidcOptions.Authority"/>, and https or <see cref="TrustedProxies"/>.</summary>
    public string Urls { get; set; } = "http://127.0.0.1:8081";

    /// <summary>Host names under which it may be asked for, beside those of <see cref="Urls"/>.</summary>
    public string[] Hosts { get; set; } = [];

    /// <summary>Addresses or networks (<c>10.0.0.0/8</c>) of proxies that end TLS, whose X-Forwarded-For and
    /// X-Forwarded-Proto are believed.</summary>
    public string[] TrustedProxies { get; set; } = [];

    /// <summary>Whether every act is refused, whoever asks.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>For how long a sign-in lasts without a request.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "7.00:00:00")]
    public TimeSpan Session { get; set; } = TimeSpan.FromHours(8);

    /// <summary>Where a trace can be looked at, with <c>{traceId}</c> in it; empty shows the id alone.</summary>
    public string TraceUrl { get; set; } = "";

    /// <summary>Who signs people in.</summary>
    public OidcOptions Oidc { get; set; } = new();

    /// <summary>The addresses of <see cref="Urls"/>.</summary>
    internal IReadOnlyList<string> Addresses =>
        Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Addresses.Count == 0)
            yield return new("Console:Urls must be addresses such as http://127.0.0.1:8081, separated by semicolons");
        foreach (var wrong in Addresses.Select(WhyNot).OfType<string>())
            yield return new(wrong);
        if (TraceUrl.Length > 0 && !(TraceUrl.Contains("{traceId}", StringComparison.Ordinal) && IsWeb(TraceUrl)))
            yield return new("Console:TraceUrl must be an http or https address with {traceId} in it");
        foreach (var proxy in TrustedProxies.Where(proxy => !System.Net.IPNetwork.TryParse(Network(proxy), out _)))
        {
            yield return new(
                $"Console:TrustedProxies must be addresses or networks such as 10.0.0.0/8; '{proxy}' is none");
        }

        foreach (var wrong in Oidc.FindWrong())
            yield return new(wrong);
    }

    /// <summary>A proxy as a network: an address alone is one.</summary>
    internal static string Network(string proxy) => IPAddress.TryParse(proxy, out var address)
        ? $"{address}/{(address.GetAddressBytes().Length == 4 ? 32 : 128)}" : proxy;

    /// <summary>Whether only programs of this machine reach it.</summary>
    internal static bool IsLoopback(BindingAddress address) =>
        address.Host == "localhost" || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip)
            && IPAddress.IsLoopback(ip));

    private string? WhyNot(string url)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return $"Console:Urls must be addresses such as http://127.0.0.1:8081; '{url}' is none";
        }

        if (address.Scheme is not ("http" or "https") || address.IsUnixPipe || address.IsNamedPipe)
            return $"Console:Urls must be http or https addresses; '{url}' is none";
        if (IsLoopback(address))
            return null;
        if (Oidc.Authority.Length == 0)
        {
            return $"Console:Urls has {url}, which others than this machine reach: that needs Console:Oidc:Authority "
                + "(a provider of OpenID Connect that signs people in), or http://127.0.0.1 and a tunnel";
        }

        return address.Scheme == "https" || TrustedProxies.Length > 0 ? null
            : $"Console:Urls has {url}, which others than this machine reach: that needs https, or the proxy that ends "
                + "TLS named in Console:TrustedProxies";
    }

    private static bool IsWeb(string url) => Uri.TryCreate(
        url.Replace("{traceId}", "0", StringComparison.Ordinal), UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https";
}

/// <summary>Section <c>Console:Oidc</c>: OpenID Connect, by the authorization code flow with PKCE.</summary>
internal sealed class OidcOptions
{
    /// <summary>The issuer, such as <c>https://login.example/realms/ops</c>; empty means the one-time token.</summary>
    public string Authority { get; set; } = "";

    /// <summary>As the provider knows the console.</summary>
    public string ClientId { get; set; } = "voice-worker-console";

    /// <summary>A secret, if the provider wants one.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>The claim that names people in the record of their acts.</summary>
    public string NameClaim { get; set; } = "preferred_username";

    /// <summary>The claim with the roles.</summary>
    public string RoleClaim { get; set; } = "roles";

    /// <summary>Its value for those who may look, without bodies of messages.</summary>
    public string Viewer { get; set; } = "voice-viewer";

    /// <summary>Its value for those who may also see bodies, replay and pause.</summary>
    public string Operator { get; set; } = "voice-operator";

    /// <summary>Its value for those who may also edit, discard, set voices and replay into a queue.</summary>
    public string Admin { get; set; } = "voice-admin";

    internal bool IsPlain => Authority.StartsWith("http://", StringComparison.Ordinal);

    internal IEnumerable<string> FindWrong()
    {
        if (Authority.Length == 0)
            yield break;
        if (!Uri.TryCreate(Authority, UriKind.Absolute, out var uri)
            || !(uri.Scheme == "https" || (uri.Scheme == "http" && uri.IsLoopback)))
            yield return "Console:Oidc:Authority must be an https address (http on this machine's loopback only)";
        foreach (var (name, value) in new[]
        {
            ("ClientId", ClientId), ("NameClaim", NameClaim), ("RoleClaim", RoleClaim), ("Viewer", Viewer),
            ("Operator", Operator), ("Admin", Admin),
        })
        {
            if (string.IsNullOrWhiteSpace(value))
                yield return $"Console:Oidc:{name} must not be empty";
        }

        if (new[] { Viewer, Operator, Admin }.Distinct(StringComparer.Ordinal).Count() < 3)
            yield return "Console:Oidc:Viewer, Operator and Admin must be three values";
    }
}
