using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Infrastructure.Servers;

/// <summary>
/// The directory of a local server, locked while we use it: <c>data</c>, where the server works, <c>watchdog</c>,
/// where its watchdog works, and <c>server.log</c>.
/// </summary>
internal sealed class DataDirectory : IDisposable
{
    private const string Memory = "/dev/shm";

    // Containers have 64 MB there unless they are given more.
    private const long LeastMemory = 6L << 30;

    private readonly FileStream _lock;

    private DataDirectory(string path, bool isTemporary, FileStream @lock) =>
        (Root, IsTemporary, _lock) = (path, isTemporary, @lock);

    public string Root { get; }

    /// <summary>False after dispose: the directory may be somebody else's by then.</summary>
    public bool IsOpen => _lock.CanWrite;

    public bool IsTemporary { get; }

    public string Data => Path.Combine(Root, "data");

    public string Watchdog => Path.Combine(Root, "watchdog");

    public string LogFile => Path.Combine(Root, "server.log");

    /// <exception cref="ServerUnavailableException">Another process uses it, or the account cannot.</exception>
    public static async Task<DataDirectory> OpenAsync(
        string server, ServerOptions options, Account account, CancellationToken cancellationToken)
    {
        var wanted = options.DataDirectory is { } kept
            ? Path.GetFullPath(kept)
            : Path.Combine(TemporaryFolder(options), $"voice-{server}-{RandomNumberGenerator.GetHexString(8, true)}");
        if (await TryOpenAsync(wanted, options, account, cancellationToken) is { } directory)
            return directory;

        var mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(wanted)))[..8];
        var other = $"/var/tmp/voice-{server}-{mark}";
        options.Progress($"{server}: its user cannot reach {wanted}, using {other}");
        return await TryOpenAsync(other, options, account, cancellationToken)
            ?? throw new ServerUnavailableException($"the user of the server can reach neither {wanted} nor {other}");
    }

    private static async Task<DataDirectory?> TryOpenAsync(
        string path, ServerOptions options, Account account, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(path);
        // The kernel names working directories by their real path.
        path = (await Command.RunAsync(["realpath", path], cancellationToken)).TrimEnd('\n');
        var directory = new DataDirectory(path, options.DataDirectory is null, Lock(path));
        try
        {
            Directory.CreateDirectory(directory.Watchdog);
            File.Delete(directory.LogFile);
            await account.OwnAsync(path, cancellationToken);
            if (await account.ReachesAsync(path, cancellationToken))
                return directory;
            directory.Dispose();
            return null;
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    private static string TemporaryFolder(ServerOptions options) =>
        options.PrefersMemory && Directory.Exists(Memory)
        && Math.Min(new DriveInfo(Memory).AvailableFreeSpace, AvailableMemory()) >= LeastMemory
            ? Memory
            : Path.GetTempPath();

    // What is free of the machine, and no more than this process may have of it.
    private static long AvailableMemory()
    {
        var free = File.ReadLines("/proc/meminfo")
            .First(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        var kilobytes = long.Parse(free, CultureInfo.InvariantCulture);
        return Math.Min(kilobytes << 10, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }

    private static FileStream Lock(string path)
    {
        try
        {
            // The kernel frees the lock when we die, however we die.
            return new FileStream(Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        }
        catch (IOException e)
        {
            throw new ServerUnavailableException($"{path} is in use by another process", e);
        }
    }

    /// <summary>The lines that matter when the server did not start.</summary>
    public string LogTail() => File.Exists(LogFile)
        ? string.Join(Environment.NewLine, File.ReadLines(LogFile).TakeLast(30))
        : "(no log)";

    public void Dispose()
    {
        if (IsTemporary)
            Directory.Delete(Root, recursive: true);
        _lock.Dispose();
    }
}
