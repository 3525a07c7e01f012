namespace VoiceWorker.Infrastructure.Servers;

internal static class PortCollision
{
    private const int Attempts = 3;

    /// <summary>Starts on a free port, and on another if somebody took the first one meanwhile; returns which.</summary>
    public static async Task<int> RetryAsync(
        Func<int, CancellationToken, Task> startOn, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Next();
            try
            {
                await startOn(port, cancellationToken);
                return port;
            }
            catch (ServerUnavailableException) when (attempt < Attempts && !FreePort.IsFree(port))
            {
            }
        }
    }
}
