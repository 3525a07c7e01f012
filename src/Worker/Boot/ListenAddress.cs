using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using VoiceWorker.Persistence;
using VoiceWorker.Servers;

namespace VoiceWorker.Boot;

/// <summary>Where HTTP listens. It is checked before anything is begun: Kestrel would find out after the migration has
/// started, and say it with stack traces.</summary>
internal static class ListenAddress
{
    /// <summary>Of the worker's.</summary>
    public const string Setting = "--urls (or ASPNETCORE_URLS)";

    /// <summary>Of the console's.</summary>
    public const string ConsoleSetting = "Console:Urls";

    /// <summary>Passes when every address can be listened on.</summary>
    /// <exception cref="OptionsValidationException">One is not an address, or not one of this machine.</exception>
    /// <exception cref="ServerUnreachableException">One is in use.</exception>
    /// <param name="urls">Separated by semicolons.</param>
    /// <param name="setting">Where they were given.</param>
    public static void EnsureFree(IConfiguration configuration, string? urls, string setting)
    {
        foreach (var url in (urls ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var address = Parse(url.Trim(), setting);
            if (address.Scheme == "https" && !configuration.GetSection("Kestrel:Certificates:Default").Exists())
                throw Wrong($"{setting} has {url}, which needs a certificate: set Kestrel:Certificates:Default:Path");
            if (!address.IsUnixPipe && !address.IsNamedPipe)
                Probe(url, address, setting);
        }
    }

    private static BindingAddress Parse(string url, string setting)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            if (address.Scheme is "http" or "https" && address.PathBase.Length == 0
                && (address.IsUnixPipe || address.Port is >= 0 and <= IPEndPoint.MaxPort))
                return address;
        }
        catch (FormatException)
        {
            // Told below.
        }

        throw Wrong(
            $"{setting} must be addresses such as http://127.0.0.1:8080, separated by semicolons; '{url}' is none");
    }

    private static void Probe(string url, BindingAddress address, string setting)
    {
        var host = address.Host == "localhost" ? IPAddress.Loopback
            : IPAddress.TryParse(address.Host.Trim('[', ']'), out var given) ? given : IPAddress.Any;
        try
        {
            using var listener = new TcpListener(host, address.Port);
            listener.Start();
        }
        catch (SocketException taken) when (taken.SocketErrorCode is SocketError.AddressAlreadyInUse)
        {
            throw new ServerUnreachableException(
                FailureKind.Outage,
                $"{setting} has {url}, and another process listens there; give another port or end that process",
                taken);
        }
        catch (SocketException refused)
        {
            throw Wrong($"{setting} has {url}, where this process may not listen: {refused.Message}");
        }
    }

    private static OptionsValidationException Wrong(string message) => new("urls", typeof(string), [$"{message}."]);
}
