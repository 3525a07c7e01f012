namespace VoiceWorker.Servers;

/// <summary>The address of RabbitMQ: <c>amqp://user:password@host:5672/vhost</c>, or with several nodes of a cluster,
/// separated by commas, in place of the one.</summary>
internal sealed class BrokerUri
{
    private BrokerUri(IReadOnlyList<Uri> nodes) => Nodes = nodes;

    /// <summary>One for each node, alike but for host and port.</summary>
    public IReadOnlyList<Uri> Nodes { get; }

    public bool IsTls => Nodes[0].Scheme == "amqps";

    /// <summary>Reads it.</summary>
    /// <exception cref="FormatException">It breaks a rule; the message says which, and never quotes a
    /// value.</exception>
    public static BrokerUri Parse(string text)
    {
        var (scheme, rest) = Cut(text, text.IndexOf("://", StringComparison.Ordinal), 3);
        if (scheme.ToLowerInvariant() is not ("amqp" or "amqps"))
            throw new FormatException("is not valid");
        var (authority, path) = Cut(rest, rest.AsSpan().IndexOfAny('/', '?', '#'), 0);
        var at = authority.LastIndexOf('@') + 1;
        var hosts = authority[at..].Split(',', StringSplitOptions.TrimEntries);
        var nodes = hosts.Select((host, place) => Uri.TryCreate(
            $"{scheme}://{authority[..at]}{host}{path}", UriKind.Absolute, out var node) && node.Host.Length > 0
            ? node : throw new FormatException(WhyNot(place, hosts.Length)));
        return new([.. nodes.Distinct()]);
    }

    public override string ToString() => string.Join(", ", Nodes.Select(AddressOf));

    /// <summary>Host and port of a node.</summary>
    public static string AddressOf(Uri node) => $"{node.Host}:{PortOf(node)}";

    /// <summary>The port that is meant.</summary>
    /// <param name="node">amqp or amqps.</param>
    public static int PortOf(Uri node) => node.Port > 0 ? node.Port : node.Scheme == "amqps" ? 5671 : 5672;

    private static string WhyNot(int place, int count) => count == 1
        ? "is not valid" : $"is not valid: node {place + 1} of {count} is not host, host:port or [IPv6 address]:port";

    private static (string Before, string After) Cut(string text, int at, int length) =>
        at < 0 ? (text, "") : (text[..at], text[(at + length)..]);
}
