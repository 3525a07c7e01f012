using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Infrastructure.Processes;

/// <summary>A folder with a package.json, its packages installed as its lock file says.</summary>
public sealed class NodeProject
{
    private readonly string _folder;

    private NodeProject(string folder, string node) => (_folder, Node) = (folder, node);

    /// <summary>The interpreter.</summary>
    public string Node { get; }

    /// <summary>Installs what is missing: Node.js and npm with apt-get when root, the packages with npm.</summary>
    /// <param name="folder">With package.json and package-lock.json.</param>
    /// <param name="progress">Hears what takes long.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="ServerUnavailableException">There is no Node.js.</exception>
    /// <exception cref="CommandFailedException">npm failed.</exception>
    public static async Task<NodeProject> InstallAsync(
        string folder, Action<string> progress, CancellationToken cancellationToken)
    {
        var node = Path.Combine(await Installation.Node.FindAsync(progress, cancellationToken), "node");
        var npm = Path.Combine(await Installation.Npm.FindAsync(progress, cancellationToken), "npm");
        if (!IsInstalled(folder))
        {
            progress($"{folder}: installing with npm");
            await Command.RunAsync([npm, "ci", "--prefix", folder], cancellationToken);
        }

        return new NodeProject(folder, node);
    }

    /// <summary>Runs one of its scripts to its end and returns what it printed.</summary>
    /// <param name="script">In the folder.</param>
    /// <param name="arguments">For the script.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CommandFailedException">The exit code is not 0; the message ends with the output.</exception>
    public Task<string> RunAsync(string script, IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        Command.RunAsync([Node, Path.Combine(_folder, script), .. arguments], cancellationToken);

    // npm writes the second file last.
    private static bool IsInstalled(string folder)
    {
        var installed = new FileInfo(Path.Combine(folder, "node_modules", ".package-lock.json"));
        var wanted = new FileInfo(Path.Combine(folder, "package-lock.json"));
        return installed.Exists && installed.LastWriteTimeUtc >= wanted.LastWriteTimeUtc;
    }
}
