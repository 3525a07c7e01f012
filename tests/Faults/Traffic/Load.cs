using RabbitMQ.Client;

namespace VoiceWorker.Tests.Faults.Traffic;

/// <summary>
/// A producer in no particular language: publishes a plan with confirms, and publishes again what was not confirmed
/// when its connection is lost. It keeps so many messages ahead of their audit events, so that there is load whenever a
/// fault comes.
/// </summary>
public sealed class Load(Uri broker, TrafficPlan plan, AuditTrail audit, int ahead)
{
    private const int BatchSize = 20;
    private static readonly TimeSpan ConfirmPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Messages that the broker has confirmed.</summary>
    public Milestone Confirmed { get; } = new("confirmed messages");

    /// <summary>Publishes the plan to its end.</summary>
    public async Task PublishAsync(CancellationToken cancellationToken)
    {
        while (Confirmed.Count < plan.Messages.Count)
        {
            try
            {
                await PublishOnAsync(cancellationToken);
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // No broker, no exchange, no queue bound, or no confirm: try again from the last batch.
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    private async Task PublishOnAsync(CancellationToken cancellationToken)
    {
        await using var connection = await PlainConnection.OpenAsync(broker, "load", cancellationToken);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true),
            cancellationToken);
        for (var done = Confirmed.Count; done < plan.Messages.Count; Confirmed.AdvanceTo(done))
        {
            await audit.Effects.WaitAsync(plan.EffectsOf(done) - ahead, cancellationToken);
            var batch = plan.Messages.Skip(done).Take(BatchSize).ToList();
            await Task.WhenAll(batch.Select(message => message.PublishAsync(channel, cancellationToken)))
                .WaitAsync(ConfirmPatience, cancellationToken);
            done += batch.Count;
        }
    }
}
