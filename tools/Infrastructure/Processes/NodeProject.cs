using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Infrastructure.Processes;

/// <summary>A folder with a package.json, its packages installed as its lock file says.</summary>
public sealed class NodeProject
{
    private readonly string _folder;
    private readonly string _npm;

    private NodeProject(string folder, string node, string npm) => (_folder, Node, _npm) = (folder, node, npm);

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
        var project = await InAsync(folder, progress, cancellationToken);
        if (!IsInstalled(folder))
        {
            progress($"{folder}: installing with npm");
            await project.RunNpmAsync(["ci"], cancellationToken);
        }

        return project;
    }

    /// <summary>A new one in an empty folder, with a package from its file and what that needs.</summary>
    /// <param name="folder">Gets a package.json.</param>
    /// <param name="package">As <c>npm pack</c> leaves it.</param>
    /// <param name="progress">Hears what takes long.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="ServerUnavailableException">There is no Node.js.</exception>
    /// <exception cref="CommandFailedException">npm failed.</exception>
    public static async Task<NodeProject> WithPackageAsync(
        string folder, string package, Action<string> progress, CancellationToken cancellationToken)
    {
        var project = await InAsync(folder, progress, cancellationToken);
        await project.RunNpmAsync(["install", package], cancellationToken);
        return project;
    }

    /// <summary>Runs one of its scripts to its end and returns what it printed.</summary>
    /// <param name="script">In the folder.</param>
    /// <param name="arguments">For the script.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CommandFailedException">The exit code is not 0; the message ends with the output.</exception>
    public Task<string> RunAsync(string script, IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        Command.RunAsync([Node, Path.Combine(_folder, script), .. arguments], cancellationToken);

    /// <summary>Runs <c>npm test</c> to its end and returns what it printed.</summary>
    /// <param name="environment">Of the tests, as NAME=VALUE.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CommandFailedException">A test failed; the message ends with the output.</exception>
    public Task<string> TestAsync(IEnumerable<string> environment, CancellationToken cancellationToken) =>
        Command.RunAsync(["env", .. environment, _npm, "--prefix", _folder, "test"], cancellationToken);

    private static async Task<NodeProject> InAsync(
        string folder, Action<string> progress, CancellationToken cancellationToken)
    {
        var node = Path.Combine(await Installation.Node.FindAsync(progress, cancellationToken), "node");
        var npm = Path.Combine(await Installation.Npm.FindAsync(progress, cancellationToken), "npm");
        return new NodeProject(folder, node, npm);
    }

    private Task<string> RunNpmAsync(string[] command, CancellationToken cancellationToken) =>
        Command.RunAsync([_npm, .. command, "--prefix", _folder, "--no-audit", "--no-fund"], cancellationToken);

    // npm writes the second file last.
    private static bool IsInstalled(string folder)
    {
        var installed = new FileInfo(Path.Combine(folder, "node_modules", ".package-lock.json"));
        var wanted = new FileInfo(Path.Combine(folder, "package-lock.json"));
        return installed.Exists && installed.LastWriteTimeUtc >= wanted.LastWriteTimeUtc;
    }
}
