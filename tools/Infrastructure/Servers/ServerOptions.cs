namespace VoiceWorker.Infrastructure.Servers;

/// <summary>How a server is found or started.</summary>
public sealed record ServerOptions
{
    /// <summary>Kept between runs and locked while in use; null means a temporary one, deleted on dispose.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Whether a temporary directory may be in memory, where there is room: no figure of such a server is one
    /// of a server on a disk.</summary>
    public bool PrefersMemory { get; init; }

    /// <summary>Gets a line for each step of note.</summary>
    public Action<string> Progress { get; init; } = _ => { };

    /// <summary>Settings of postgresql.conf, such as <c>log_statement</c> = <c>all</c>.</summary>
    public IReadOnlyDictionary<string, string> PostgresSettings { get; init; } = new Dictionary<string, string>();

    /// <summary>Makes a local server speak TLS too; null means none.</summary>
    public ServerCertificate? Certificate { get; init; }

    /// <summary>Password of a local RabbitMQ's user.</summary>
    public string RabbitMqPassword { get; init; } = "guest";

    /// <summary>Whether a local RabbitMQ has its management API.</summary>
    public bool HasRabbitMqManagement { get; init; }

    /// <summary>Makes a local RabbitMQ a node of a cluster; null means that it stands alone.</summary>
    internal ClusterMember? RabbitMqMember { get; init; }
}
