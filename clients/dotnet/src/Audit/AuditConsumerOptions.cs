using RabbitMQ.Client;

namespace VoiceWorker.Client.Audit;

/// <summary>The settings of an <see cref="AuditConsumer{TTransaction}"/>.</summary>
public sealed class AuditConsumerOptions
{
    /// <summary>Where RabbitMQ is: an AMQP URI for each node of a cluster. At least one.</summary>
    public IList<string> Uris { get; init; } = [];

    /// <summary>The consumer's own queue, durable.</summary>
    public string Queue { get; set; } = "";

    /// <summary>Whether to declare the queue and bind it to all audit events; false where somebody else does
    /// it.</summary>
    public bool DeclaresQueue { get; set; } = true;

    /// <summary>How many events one transaction takes at most.</summary>
    public int Batch { get; set; } = 100;

    /// <summary>How long to wait after a failure, doubled up to thirty seconds while it fails again.</summary>
    public TimeSpan Pause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>For what a URI cannot say, such as a certificate authority of one's own; called once for each
    /// URI.</summary>
    public Action<ConnectionFactory>? ConfigureConnection { get; set; }
}
