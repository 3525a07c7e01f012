using Microsoft.Extensions.Logging;

namespace VoiceWorker.Client.Connecting;

/// <summary>Why there is no connection: each reason is told once, until there is one again, for it is tried all the
/// time.</summary>
internal sealed class Troubles(ILogger logger)
{
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when there has been a connection.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Why nothing has come, for people and without secrets.</summary>
    public string Latest { get; private set; } = "not connected yet";

    public void Tell(string trouble)
    {
        Latest = trouble;
        bool isNew;
        lock (_told)
            isNew = _told.Add(trouble);
        logger.NotConnected(isNew ? LogLevel.Warning : LogLevel.Debug, trouble);
    }

    /// <summary>There is a connection, and RabbitMQ takes messages.</summary>
    public void End()
    {
        Latest = "no answer in time";
        lock (_told)
            _told.Clear();
        logger.Connected();
        _ended.TrySetResult();
    }
}
