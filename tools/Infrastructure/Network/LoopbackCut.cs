using System.Globalization;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Infrastructure.Network;

/// <summary>Cuts the traffic between two addresses of the loopback network, by nftables: packets vanish, and neither
/// side is told. The kernel ends a cut when its time is over, also when nobody is left who could.</summary>
internal static class LoopbackCut
{
    private const string Rules = """
        add table inet voice_cut
        add set inet voice_cut pairs { type ipv4_addr . ipv4_addr; flags timeout; }
        add chain inet voice_cut input { type filter hook input priority 0; }
        flush chain inet voice_cut input
        add rule inet voice_cut input ip saddr . ip daddr @pairs drop
        """;

    /// <summary>Begins.</summary>
    /// <param name="pairs">Each in both directions.</param>
    /// <param name="length">Until it ends by itself.</param>
    /// <param name="cancellationToken">Cancels the beginning.</param>
    /// <exception cref="ServerUnavailableException">nftables is missing, or we are not root.</exception>
    public static async Task BeginAsync(
        IEnumerable<(string One, string Other)> pairs, TimeSpan length, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
            throw new ServerUnavailableException("only root can cut the loopback network (nftables)");
        var folder = await Installation.NfTables.FindAsync(Console.Error.WriteLine, cancellationToken);
        var seconds = length.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        var elements = string.Join(", ", pairs.SelectMany(pair => new[]
        {
            $"{pair.One} . {pair.Other} timeout {seconds}s", $"{pair.Other} . {pair.One} timeout {seconds}s",
        }));
        var rules = $"{Rules}\nadd element inet voice_cut pairs {{ {elements} }}\n";
        await Command.RunAsync([Path.Combine(folder, "nft"), rules], cancellationToken);
    }
}
