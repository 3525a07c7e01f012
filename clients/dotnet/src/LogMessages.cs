using Microsoft.Extensions.Logging;

namespace VoiceWorker.Client;

/// <summary>What the client logs: never a password or a value of a message.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(1, LogLevel.Information, "RabbitMQ is connected")]
    public static partial void Connected(this ILogger logger);

    // Told once at Warning, then at Debug.
    [LoggerMessage(EventId = 2, Message = "RabbitMQ is not connected: {Trouble}")]
    public static partial void NotConnected(this ILogger logger, LogLevel level, string trouble);

    // The same.
    [LoggerMessage(EventId = 3, Message = "RabbitMQ does not take a message of {Exchange}: {Reason}")]
    public static partial void MessageRefused(this ILogger logger, LogLevel level, string exchange, string reason);

    [LoggerMessage(4, LogLevel.Error, "A reply of the type {Type} cannot be read ({Error})")]
    public static partial void ReplyUnreadable(this ILogger logger, string? type, string error);

    [LoggerMessage(5, LogLevel.Error, "A call of business {BusinessId} was not recorded: {Rules}")]
    public static partial void CallNotRecorded(this ILogger logger, int businessId, string rules);

    [LoggerMessage(6, LogLevel.Error, "A listener to metrics has failed")]
    public static partial void ListenerFailed(this ILogger logger, Exception error);

    [LoggerMessage(7, LogLevel.Debug, "The connection to {Node} did not end in order")]
    public static partial void NotLeftInOrder(this ILogger logger, string node, Exception error);

    [LoggerMessage(20, LogLevel.Information, "Consuming {Queue}")]
    public static partial void Consuming(this ILogger logger, string queue);

    [LoggerMessage(21, LogLevel.Error, "An event could not be handled: it comes again")]
    public static partial void EventNotHandled(this ILogger logger, Exception error);

    [LoggerMessage(22, LogLevel.Warning, "{Stream} {First} to {Last} are missing")]
    public static partial void EventsMissing(this ILogger logger, string stream, long first, long last);

    [LoggerMessage(23, LogLevel.Error,
        "{Stream} {Sequence} does not follow on the event before: one of them was altered")]
    public static partial void EventAltered(this ILogger logger, string stream, long sequence);
}
