namespace VoiceWorker.Infrastructure.Servers;

/// <summary>A server that runs as processes of this machine, and can therefore be hurt.</summary>
public interface ILocalServer : IAsyncDisposable
{
    /// <summary>Everything that the server wrote to its log since it was launched, over restarts.</summary>
    string LogFile { get; }

    /// <summary>Ids of the server's processes at this moment, its first one included.</summary>
    IReadOnlyList<int> Processes();

    /// <summary>Starts again after a kill, on the same data and port; returns when it accepts connections.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>SIGKILL to all processes of the server; returns when they are gone.</summary>
    Task KillAsync(CancellationToken cancellationToken);

    /// <summary>SIGSTOP to all processes of the server: connections stay open and nothing answers.</summary>
    void Suspend();

    /// <summary>SIGCONT.</summary>
    void Resume();
}
