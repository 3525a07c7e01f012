using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using VoiceWorker.Boot;
using VoiceWorker.WebConsole.Access;

namespace VoiceWorker.WebConsole;

/// <summary>Where it can be opened: with the one-time token in it, unless somebody else signs people in. It is
/// written to standard error, and not logged, for logs are collected.</summary>
internal sealed class ConsoleAddress(IServer server, IOptions<ConsoleOptions> options, OneTimeToken token)
{
    /// <summary>The first of them.</summary>
    public string Link
    {
        get
        {
            var bound = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()
                ?? options.Value.Addresses[0];
            return options.Value.Oidc.Authority.Length > 0 ? bound
                : $"{bound.TrimEnd('/')}{SignIn.Path}?token={token.Current}";
        }
    }

    /// <summary>Says it to whoever reads the output of this process.</summary>
    public void Tell() => Console.Error.WriteLine($"Console: {Link}");
}
