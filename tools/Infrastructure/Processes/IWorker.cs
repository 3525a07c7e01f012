namespace VoiceWorker.Infrastructure.Processes;

/// <summary>A worker that runs, as a process of its own or within this one.</summary>
public interface IWorker : IAsyncDisposable
{
    /// <summary>Where it listens.</summary>
    Uri Http { get; }

    /// <summary>The last 5000 lines that it wrote.</summary>
    IReadOnlyList<string> Output { get; }

    /// <summary>True when it has ended.</summary>
    bool HasExited { get; }

    /// <summary>Returns when GET /health/ready answers 200.</summary>
    /// <exception cref="InvalidOperationException">It ended first, or 60 s have passed.</exception>
    Task WaitReadyAsync(CancellationToken cancellationToken);

    /// <summary>Asks it to leave; returns the exit code.</summary>
    Task<int> TerminateAsync(CancellationToken cancellationToken);

    /// <summary>Returns the exit code when it has ended by itself.</summary>
    Task<int> WaitForExitAsync(CancellationToken cancellationToken);
}
