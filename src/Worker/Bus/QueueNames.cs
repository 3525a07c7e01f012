namespace VoiceWorker.Bus;

/// <summary>Names of the worker's own queues.</summary>
internal static class QueueNames
{
    public const string CallStarted = "voice-worker.call-started";
    public const string BusinessVoiceChanged = "voice-worker.business-voice-changed";

    /// <summary>Where RabbitMQ puts what was delivered too often; exchange and queue.</summary>
    public static string DeadLetterOf(string queue) => queue + "_dead";

    /// <summary>Where MassTransit puts what breaks its contract.</summary>
    public static string ErrorOf(string queue) => queue + "_error";
}
