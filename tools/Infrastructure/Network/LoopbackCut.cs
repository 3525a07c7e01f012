using System.Globalization;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Infrastructure.Network;

/// <summary>Cuts the traffic between addresses of the loopback network, by nftables: packets vanish, and neither side
/// is told. The kernel ends a cut when its time is over, also when nobody is left who could.</summary>
internal static class LoopbackCut
{
    private static readonly string Table = $"inet voice_cut_{Environment.ProcessId}";
    private static volatile bool _isMade;

    private static string Rules => $$"""
        add table {{Table}}
        add set {{Table}} pairs { type ipv4_addr . ipv4_addr; flags timeout; }
        add chain {{Table}} input { type filter hook input priority 0; }
        flush chain {{Table}} input
        add rule {{Table}} input ip saddr . ip daddr @pairs drop
        """;

    /// <summary>Begins.</summary>
    /// <param name="pairs">Each in both directions.</param>
    /// <param name="length">Until it ends by itself.</param>
    /// <param name="cancellationToken">Cancels the beginning.</param>
    /// <exception cref="ServerUnavailableException">nftables is missing, or may not be used.</exception>
    public static async Task BeginAsync(
        IEnumerable<(string One, string Other)> pairs, TimeSpan length, CancellationToken cancellationToken)
    {
        var seconds = length.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        var elements = string.Join(", ", pairs.SelectMany(pair => new[]
        {
            $"{pair.One} . {pair.Other} timeout {seconds}s", $"{pair.Other} . {pair.One} timeout {seconds}s",
        }));
        try
        {
            await RunAsync($"{Rules}\nadd element {Table} pairs {{ {elements} }}", cancellationToken);
            _isMade = true;
        }
        catch (CommandFailedException refused)
        {
            throw new ServerUnavailableException($"cutting the loopback network needs root: {refused.Message}");
        }
    }

    /// <summary>Removes the rules, where there are any.</summary>
    public static async Task EndAsync()
    {
        if (_isMade)
            await RunAsync($"delete table {Table}", CancellationToken.None);
        _isMade = false;
    }

    private static async Task RunAsync(string rules, CancellationToken cancellationToken)
    {
        var folder = await Installation.NfTables.FindAsync(Console.Error.WriteLine, cancellationToken);
        await Command.RunAsync([Path.Combine(folder, "nft"), rules], cancellationToken);
    }
}
