using Microsoft.Extensions.Logging;
using VoiceWorker.Persistence.Commit;

namespace VoiceWorker.Tests.Unit.Commit;

/// <summary>Keeps what was logged.</summary>
internal sealed class RecordingLogger : ILogger<Retry>
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
            _lines.Add(formatter(state, exception));
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
}
