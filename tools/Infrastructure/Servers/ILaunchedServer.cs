namespace VoiceWorker.Infrastructure.Servers;

/// <summary>What differs between the servers that are launched on this machine.</summary>
internal interface ILaunchedServer : IAsyncDisposable
{
    /// <summary>Its name, for people.</summary>
    static abstract string Title { get; }

    /// <summary>Part of its directory's name.</summary>
    static abstract string Folder { get; }

    /// <summary>The system user that runs it when we are root.</summary>
    static abstract string User { get; }

    static abstract Installation Installation { get; }

    /// <summary>Fills its directory, as far as that is still to be done.</summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Starts it on a port; returns when it answers.</summary>
    Task StartOnAsync(int port, CancellationToken cancellationToken);
}
