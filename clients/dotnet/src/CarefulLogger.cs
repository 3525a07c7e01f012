using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace VoiceWorker.Client;

/// <summary>Never throws, as a provider does that cannot write: what fails in a log is not the callers' trouble, and is
/// not to end the connection of all of them.</summary>
internal sealed class CarefulLogger(ILogger logger) : ILogger
{
    public static ILogger Of(ILoggerFactory? loggers, string category) =>
        new CarefulLogger((loggers ?? NullLoggerFactory.Instance).CreateLogger(category));

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return logger.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        try
        {
            logger.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // There is nobody to tell.
        }
    }
}
