using Microsoft.Extensions.Logging;

namespace VoiceWorker.Client.Conformance;

/// <summary>Logs to standard error.</summary>
internal sealed class StandardError : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        var now = TimeProvider.System.GetUtcNow();
        if (IsEnabled(logLevel))
            Console.Error.WriteLine($"{now:HH:mm:ss.fff} {logLevel}: {formatter(state, exception)} {exception}");
    }

    public void Dispose()
    {
    }
}
