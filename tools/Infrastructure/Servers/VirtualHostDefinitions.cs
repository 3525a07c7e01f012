using System.Text.Json;

namespace VoiceWorker.Infrastructure.Servers;

/// <summary>Virtual hosts as <c>rabbitmqctl import_definitions</c> reads them.</summary>
internal static class VirtualHostDefinitions
{
    private const string Everything = ".*";

    /// <summary>In JSON.</summary>
    /// <param name="names">Of the virtual hosts.</param>
    /// <param name="user">Who may do everything there; an existing one.</param>
    public static byte[] Of(IReadOnlyList<string> names, string user) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        vhosts = names.Select(name => new { name }),
        permissions = names.Select(vhost =>
            new { user, vhost, configure = Everything, write = Everything, read = Everything }),
    });
}
