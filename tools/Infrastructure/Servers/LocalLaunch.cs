namespace VoiceWorker.Infrastructure.Servers;

/// <summary>What every local server starts from.</summary>
/// <param name="Options">As it was asked for.</param>
/// <param name="Binaries">Where its programs are.</param>
/// <param name="Account">Who runs it.</param>
/// <param name="Directory">Its own, locked.</param>
internal sealed record LocalLaunch(ServerOptions Options, string Binaries, Account Account, DataDirectory Directory)
{
    /// <summary>Installs what is missing, prepares the directory, starts the server on a free port.</summary>
    /// <exception cref="ServerUnavailableException">No binaries, or the server does not start.</exception>
    public static async Task<T> RunAsync<T>(
        ServerOptions options, Func<LocalLaunch, T> create, CancellationToken cancellationToken)
        where T : ILaunchedServer
    {
        var binaries = await T.Installation.FindAsync(options.Progress, cancellationToken);
        var account = await Account.ForAsync(T.User, cancellationToken);
        var directory = await DataDirectory.OpenAsync(T.Folder, options, account, cancellationToken);
        var server = create(new LocalLaunch(options, binaries, account, directory));
        try
        {
            await server.PrepareAsync(cancellationToken);
            var port = await PortCollision.RetryAsync(server.StartOnAsync, cancellationToken);
            options.Progress($"{T.Title}: {binaries} on port {port}, data in {directory.Root}");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
