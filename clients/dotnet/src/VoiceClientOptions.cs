using RabbitMQ.Client;

namespace VoiceWorker.Client;

/// <summary>The settings of a <see cref="VoiceClient"/>.</summary>
public sealed class VoiceClientOptions
{
    /// <summary>Where RabbitMQ is: an AMQP URI for each node of a cluster, such as
    /// <c>amqp://user:password@host:5672/</c>, or <c>amqps</c> for TLS. At least one.</summary>
    public IList<string> Uris { get; init; } = [];

    /// <summary>How long <see cref="IVoiceClient.VoiceForAsync"/> waits for an answer; above zero.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How long <see cref="IVoiceClient.ChangeVoiceAsync"/> and <see cref="IVoiceClient.PublishAsync"/> wait;
    /// above zero.</summary>
    public TimeSpan ChangeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The voice that a call gets when no answer comes in time.</summary>
    public string DefaultVoice { get; set; } = "ash";

    /// <summary>For what a URI cannot say, such as a certificate authority of one's own; called once for each
    /// URI.</summary>
    public Action<ConnectionFactory>? ConfigureConnection { get; set; }
}
