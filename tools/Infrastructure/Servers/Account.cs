using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Infrastructure.Servers;

/// <summary>Who runs a server: its system user when we are root (PostgreSQL refuses root), else we ourselves.</summary>
internal sealed class Account
{
    private readonly string? _user;

    private Account(string? user) => _user = user;

    public static async Task<Account> ForAsync(string user, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
            return new Account(null);
        var (exitCode, _) = await Command.TryAsync(["id", user], cancellationToken);
        return exitCode == 0
            ? new Account(user)
            : throw new ServerUnavailableException($"running as root, and there is no user {user} for the server");
    }

    /// <summary>The command line that runs a command as this user, in our environment and in one process.</summary>
    public IReadOnlyList<string> Running(params IEnumerable<string> command) => _user is null
        ? [.. command]
        : ["setpriv", "--reuid", _user, "--regid", _user, "--init-groups", "--", .. command];

    public async Task OwnAsync(string path, CancellationToken cancellationToken)
    {
        if (_user is not null)
            await Command.RunAsync(["chown", "-R", $"{_user}:{_user}", path], cancellationToken);
    }

    /// <summary>False when a parent of the directory keeps this user out.</summary>
    public async Task<bool> ReachesAsync(string directory, CancellationToken cancellationToken)
    {
        var (exitCode, _) = await Command.TryAsync(Running("test", "-w", directory), cancellationToken);
        return exitCode == 0;
    }
}
