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
    private const string Setting = "--urls (or ASPNETCORE_URLS)";

    /// <summary>Passes when every address can be listened on.</summary>
    /// <exception cref="OptionsValidationException">One is not an address, or not one of this machine.</exception>
    /// <exception cref="ServerUnreachableException">One is in use.</exception>
    public static void EnsureFree(IConfiguration configuration)
    {
        foreach (var url in (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var address = Parse(url.Trim());
            if (address.Scheme == "https" && !configuration.GetSection("Kestrel:Certificates:Default").Exists())
                throw Wrong($"{Setting} has {url}, which needs a certificate: set Kestrel:Certificates:Default:Path");
            if (!address.IsUnixPipe && !address.IsNamedPipe)
                Probe(url, address);
        }
    }

    private static BindingAddress Parse(string url)
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
            $"{Setting} must be addresses such as http://127.0.0.1:8080, separated by semicolons; '{url}' is none");
    }

    private static void Probe(string url, BindingAddress address)
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
                $"{Setting} has {url}, and another process listens there; give another port or end that process",
                taken);
        }
        catch (SocketException refused)
        {
            throw Wrong($"{Setting} has {url}, where this process may not listen: {refused.Message}");
        }
    }

    private static OptionsValidationException Wrong(string message) => new("urls", typeof(string), [$"{message}."]);
}
