using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Infrastructure.Servers;

/// <summary>Where the binaries of a server or a tool are, or how they get there.</summary>
internal sealed record Installation(string Package, string Binary, string FolderPattern)
{
    public static Installation Postgres { get; } = new("postgresql", "initdb", "/usr/lib/postgresql/*/bin");

    // It wraps the newest version that there is, for any server.
    public static Installation PostgresClient { get; } = new("postgresql-client", "psql", "/usr/bin");

    public static Installation PgBouncer { get; } = new("pgbouncer", "pgbouncer", "/usr/sbin");

    public static Installation Prometheus { get; } = new("prometheus", "prometheus", "/usr/bin");

    // The wrappers of the same name in /usr/sbin replace HOME and drop the environment.
    public static Installation RabbitMq { get; } = new("rabbitmq-server", "rabbitmq-server", "/usr/lib/rabbitmq/bin");

    public static Installation NfTables { get; } = new("nftables", "nft", "/usr/sbin");

    public static Installation Node { get; } = new("nodejs", "node", "/usr/bin");

    public static Installation Npm { get; } = new("npm", "npm", "/usr/bin");

    public static Installation Chromium { get; } = new("chromium", "chromium", "/usr/bin");

    /// <summary>Returns the folder of the binaries, after apt-get if they are missing and we are root.</summary>
    /// <exception cref="ServerUnavailableException">They are missing.</exception>
    public async Task<string> FindAsync(Action<string> progress, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
            throw new ServerUnavailableException("only on Linux");
        if (Find() is { } folder)
            return folder;
        var missing = $"no {Binary} in {FolderPattern} nor on PATH";
        if (!Environment.IsPrivilegedProcess || OnPath("apt-get") is null)
            throw new ServerUnavailableException($"{missing}; install the package {Package}");

        progress($"{Package}: installing with apt-get");
        await InstallAsync(missing, cancellationToken);
        return Find() ?? throw new ServerUnavailableException($"{missing}, even after apt-get install {Package}");
    }

    private string? Find() => Folders().FirstOrDefault(folder => File.Exists(Path.Combine(folder, Binary)));

    private IEnumerable<string> Folders()
    {
        var parts = FolderPattern.Split('*');
        var own = parts.Length == 1
            ? [FolderPattern]
            : Directory.Exists(parts[0])
                ? Directory.GetDirectories(parts[0]).OrderByDescending(VersionOf).Select(folder => folder + parts[1])
                : [];
        return own.Append(OnPath(Binary)).OfType<string>();
    }

    private static int VersionOf(string folder) => int.TryParse(Path.GetFileName(folder), out var major) ? major : 0;

    private static string? OnPath(string file) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .FirstOrDefault(folder => File.Exists(Path.Combine(folder, file)));

    private async Task InstallAsync(string missing, CancellationToken cancellationToken)
    {
        // In run level 1 the package's own service is not started. One installation at a time: apt-get waits for the
        // lock of packages, but not for that of lists.
        const string script = """
            export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
            exec 9>"${TMPDIR:-/tmp}/voice-worker-apt.lock"
            flock 9
            apt-get -q update
            exec apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$1"
            """;
        try
        {
            await Command.RunAsync(["sh", "-c", script, "sh", Package], cancellationToken);
        }
        catch (CommandFailedException e)
        {
            throw new ServerUnavailableException($"{missing}; apt-get install {Package} failed: {e.Message}", e);
        }
    }
}
