namespace VoiceWorker.Servers;

/// <summary>Names of the queues that the worker uses.</summary>
internal static class QueueNames
{
    public const string CallStarted = "voice-worker.call-started";
    public const string BusinessVoiceChanged = "voice-worker.business-voice-changed";

    /// <summary>RabbitMQ's reply queue that needs no declaration.</summary>
    public const string DirectReply = "amq.rabbitmq.reply-to";

    /// <summary>Where RabbitMQ puts what was delivered too often; exchange and queue.</summary>
    public static string DeadLetterOf(string queue) => queue + "_dead";

    /// <summary>Where MassTransit puts what breaks its contract.</summary>
    public static string ErrorOf(string queue) => queue + "_error";
}
