using System.Globalization;
using System.Text;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Tests.Faults.World;

namespace VoiceWorker.Tests.Faults.Traffic;

/// <summary>A message of the load, as plain JSON.</summary>
/// <param name="Exchange">Where it is published.</param>
/// <param name="Json">Its body.</param>
/// <param name="Asks">Whether it wants a reply.</param>
public abstract record Message(string Exchange, string Json, bool Asks)
{
    /// <summary>What its row and its event are known by.</summary>
    public abstract string Cause { get; }

    /// <summary>Publishes it; returns when a channel with confirms has its confirm.</summary>
    public async Task PublishAsync(IChannel channel, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties
        {
            DeliveryMode = DeliveryModes.Persistent, ContentType = "application/json",
        };
        if (this is CallMessage { Asks: true } call)
            (properties.ReplyTo, properties.CorrelationId) = (Topology.Replies, call.CallId);
        await channel.BasicPublishAsync(
            Exchange, "", mandatory: true, properties, Encoding.UTF8.GetBytes(Json), cancellationToken);
    }
}

/// <summary>A CallStarted.</summary>
public sealed record CallMessage(string CallId, int BusinessId, bool WantsReply) : Message(
    Exchanges.CallStarted,
    $$"""{"callId":"{{CallId}}","businessId":{{BusinessId}},"startedAt":"2026-01-31T09:30:00Z"}""", WantsReply)
{
    public override string Cause => CallId;
}

/// <summary>A BusinessVoiceChanged.</summary>
public sealed record ChangeMessage(int BusinessId, string VoiceId, DateTimeOffset ChangedAt) : Message(
    Exchanges.BusinessVoiceChanged,
    $$"""{"businessId":{{BusinessId}},"voiceId":"{{VoiceId}}","changedAt":"{{Instant(ChangedAt)}}"}""", Asks: false)
{
    public override string Cause => Identity;

    /// <summary>As in the database and in the event.</summary>
    public string Identity => $"{BusinessId}/{Instant(ChangedAt)}/{VoiceId}";

    private static string Instant(DateTimeOffset at) => at.ToString("yyyy-MM-ddTHH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
