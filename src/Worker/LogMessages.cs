namespace VoiceWorker;

/// <summary>Every log message of this project. Ids are stable: 1000 commit, 2000 boot, 2100 relay, 2200 deliveries,
/// 2250 changes, 2300 observability, 2400 retention.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(1000, LogLevel.Warning, "Commit delayed, will be retried until it succeeds: {Failure}")]
    public static partial void CommitDelayed(this ILogger logger, string failure);

    [LoggerMessage(1001, LogLevel.Information, "Commit succeeded at attempt {Attempt}")]
    public static partial void CommitResumed(this ILogger logger, int attempt);

    [LoggerMessage(2000, LogLevel.Information, "Waiting for {Server}: {Failure}")]
    public static partial void WaitingForServer(this ILogger logger, string server, string failure);

    [LoggerMessage(2001, LogLevel.Information, "{Server} answers")]
    public static partial void ServerAnswers(this ILogger logger, string server);

    [LoggerMessage(2002, LogLevel.Information, "Schema verified")]
    public static partial void SchemaVerified(this ILogger logger);

    [LoggerMessage(2003, LogLevel.Information, "Ready: consuming {Queues}")]
    public static partial void Ready(this ILogger logger, string queues);

    [LoggerMessage(2004, LogLevel.Information, "Stopping: no more deliveries are taken")]
    public static partial void Stopping(this ILogger logger);

    [LoggerMessage(2005, LogLevel.Information, "Stopped")]
    public static partial void Stopped(this ILogger logger);

    [LoggerMessage(2006, LogLevel.Warning, "The rehearsal failed, so the first calls take longer: {Failure}")]
    public static partial void RehearsalFailed(this ILogger logger, string failure);

    [LoggerMessage(2007, LogLevel.Warning, "A server went away during the boot and is waited for again: {Failure}")]
    public static partial void BootInterrupted(this ILogger logger, string failure);

    [LoggerMessage(2008, LogLevel.Warning, "Deliveries in flight did not finish in time; they will be redelivered")]
    public static partial void DeliveriesLeft(this ILogger logger);

    [LoggerMessage(2009, LogLevel.Warning, "{Policy}")]
    public static partial void PolicyFound(this ILogger logger, string policy);

    [LoggerMessage(2010, LogLevel.Debug, "Boot: {Phase}")]
    public static partial void BootEnters(this ILogger logger, string phase);

    [LoggerMessage(2100, LogLevel.Information, "This worker relays audit events")]
    public static partial void RelayLeads(this ILogger logger);

    [LoggerMessage(2101, LogLevel.Warning, "Audit events are held: {Obstacle}")]
    public static partial void RelayHeld(this ILogger logger, string obstacle);

    [LoggerMessage(2102, LogLevel.Information, "Audit events flow again")]
    public static partial void RelayResumed(this ILogger logger);

    [LoggerMessage(2103, LogLevel.Warning, "The relay lost its round and will try again: {Failure}")]
    public static partial void RelayFailed(this ILogger logger, string failure);

    [LoggerMessage(2104, LogLevel.Information, "The relay's rounds succeed again")]
    public static partial void RelayRecovered(this ILogger logger);

    [LoggerMessage(2105, LogLevel.Error, "Published history was lost: {Loss}")]
    public static partial void HistoryLost(this ILogger logger, string loss);

    [LoggerMessage(2106, LogLevel.Warning, "Published history may be lost: {Loss}")]
    public static partial void HistoryUnknown(this ILogger logger, string loss);

    [LoggerMessage(2107, LogLevel.Warning, "What is published is not remembered: {Reason}")]
    public static partial void MemoryLost(this ILogger logger, string reason);

    [LoggerMessage(2108, LogLevel.Information, "What is published is remembered again")]
    public static partial void MemoryRegained(this ILogger logger);

    [LoggerMessage(2200, LogLevel.Warning,
        "Moved a message of {Queue} to {ErrorQueue}: {Reason}; message id {MessageId}")]
    public static partial void MessageMoved(
        this ILogger logger, string queue, string errorQueue, string reason, string messageId);

    [LoggerMessage(2201, LogLevel.Warning, "Deliveries of {Queue} fail and are handed back: {Reason}")]
    public static partial void DeliveriesHandedBack(this ILogger logger, string queue, string reason);

    [LoggerMessage(2202, LogLevel.Information, "Deliveries of {Queue} have stopped failing; {Count} were handed back")]
    public static partial void DeliveriesFlowAgain(this ILogger logger, string queue, long count);

    [LoggerMessage(2203, LogLevel.Warning, "{Queue} is not consumed: {Failure}")]
    public static partial void QueueLost(this ILogger logger, string queue, string failure);

    [LoggerMessage(2204, LogLevel.Information, "{Queue} is consumed again")]
    public static partial void QueueConsumedAgain(this ILogger logger, string queue);

    [LoggerMessage(2205, LogLevel.Warning, "Replies to callers are lost: {Reason}")]
    public static partial void RepliesLost(this ILogger logger, string reason);

    [LoggerMessage(2206, LogLevel.Information, "Replies to callers are no longer lost as {Loss}; {Count} were")]
    public static partial void RepliesFlowAgain(this ILogger logger, string loss, long count);

    [LoggerMessage(2207, LogLevel.Warning,
        "{Count} messages of {Queue} expired, or were pushed out by a policy, before a worker took them; they are back "
        + "in their queue, and those that had an expiration are not answered")]
    public static partial void UntriedReturned(this ILogger logger, string queue, long count);

    [LoggerMessage(2208, LogLevel.Warning, "Messages that expired cannot be put back into their queues: {Failure}")]
    public static partial void ReturnFailed(this ILogger logger, string failure);

    [LoggerMessage(2209, LogLevel.Information, "Messages that expired can be put back into their queues again")]
    public static partial void ReturnRecovered(this ILogger logger);

    [LoggerMessage(2210, LogLevel.Warning,
        "{Queue} holds messages, and none came for {Seconds} s: it is consumed over another connection")]
    public static partial void QueueSilent(this ILogger logger, string queue, double seconds);

    [LoggerMessage(2211, LogLevel.Information, "Messages of {Queue} come again")]
    public static partial void QueueSpeaks(this ILogger logger, string queue);

    [LoggerMessage(2212, LogLevel.Information, "{Queue} is not consumed: {Reason}")]
    public static partial void QueuePaused(this ILogger logger, string queue, string reason);

    [LoggerMessage(2213, LogLevel.Information, "{Queue} is consumed: it is not paused any more")]
    public static partial void QueueResumed(this ILogger logger, string queue);

    [LoggerMessage(2214, LogLevel.Warning,
        "Which queues are paused cannot be read, so that what was read last is in force: {Failure}")]
    public static partial void OrdersUnknown(this ILogger logger, string failure);

    [LoggerMessage(2215, LogLevel.Information, "Which queues are paused can be read again")]
    public static partial void OrdersKnown(this ILogger logger);

    [LoggerMessage(2300, LogLevel.Warning, "Waiting audit events or dead letters cannot be counted: {Failure}")]
    public static partial void ObserverBlind(this ILogger logger, string failure);

    [LoggerMessage(2301, LogLevel.Information, "Waiting audit events and dead letters are counted again")]
    public static partial void ObserverSees(this ILogger logger);

    [LoggerMessage(2302, LogLevel.Warning,
        "Was missing in RabbitMQ and is declared again, with its bindings: {Missing}")]
    public static partial void TopologyMended(this ILogger logger, string missing);

    [LoggerMessage(2303, LogLevel.Warning, "Exchanges and queues cannot be declared as they must be: {Failure}")]
    public static partial void TopologyUnknown(this ILogger logger, string failure);

    [LoggerMessage(2304, LogLevel.Information, "Exchanges and queues are as declared again")]
    public static partial void TopologyKnown(this ILogger logger);

    [LoggerMessage(2400, LogLevel.Information,
        "Retention removed {Decisions} decisions and {Events} audit events, recorded until {Until}, "
        + "in {Batches} batches")]
    public static partial void RetentionRemoved(
        this ILogger logger, long decisions, long events, string until, int batches);

    [LoggerMessage(2401, LogLevel.Warning, "Retention could not remove what is too old and will try again: {Failure}")]
    public static partial void RetentionFailed(this ILogger logger, string failure);

    [LoggerMessage(2402, LogLevel.Information, "Retention can remove what is too old again")]
    public static partial void RetentionRecovered(this ILogger logger);

    [LoggerMessage(2250, LogLevel.Warning,
        "A change of voice of business {BusinessId} says that it was made at {ChangedAt:O}, which is more than 5 "
        + "minutes ahead: it counts as of now. Correct the clock or the unit of its producer; {Others} others since "
        + "the last such line")]
    public static partial void ChangeAhead(
        this ILogger logger, int businessId, DateTimeOffset changedAt, int others);

    [LoggerMessage(2500, LogLevel.Warning, "The console is not served: {Failure}")]
    public static partial void ConsoleNotServed(this ILogger logger, string failure);

    [LoggerMessage(2501, LogLevel.Warning,
        "A token for the console from {Address} is not the one that was printed last")]
    public static partial void ConsoleTokenRefused(this ILogger logger, string address);

    [LoggerMessage(2502, LogLevel.Warning,
        "The keys of the console cannot be read from voice.console_key, and it goes on with its own: {Failure}")]
    public static partial void ConsoleKeysUnread(this ILogger logger, string failure);

    [LoggerMessage(2503, LogLevel.Warning,
        "A key of the console cannot be written to voice.console_key: this process alone knows it: {Failure}")]
    public static partial void ConsoleKeysUnwritten(this ILogger logger, string failure);

    [LoggerMessage(2504, LogLevel.Error, "A page of the console failed: {Failure}")]
    public static partial void ConsolePageFailed(this ILogger logger, string failure);
}
