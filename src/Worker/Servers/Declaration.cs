using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace VoiceWorker.Servers;

/// <summary>Declares what the worker needs; something else of the same name is distinguished from a broken
/// connection.</summary>
internal static class Declaration
{
    /// <summary>A durable fanout exchange.</summary>
    /// <exception cref="TopologyException">It exists otherwise.</exception>
    public static async Task ExchangeAsync(IChannel channel, string name, CancellationToken cancellationToken)
    {
        try
        {
            await channel.ExchangeDeclareAsync(
                name, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        }
        catch (OperationInterruptedException refusal) when (IsRefusal(refusal))
        {
            throw new TopologyException(
                $"exchange {name}", "type=fanout, durable=true", refusal.ShutdownReason!.ReplyText,
                "Have its producers stopped, delete it and start again; the worker declares it and binds its queue",
                refusal);
        }
    }

    /// <summary>What helps when a queue of the worker exists otherwise.</summary>
    public const string QueueRemedy =
        "If x-delivery-limit differs on a queue that is consumed, set Bus:DeliveryLimit to what is there; otherwise "
        + "empty the queue (move its messages elsewhere), delete it and start again";

    /// <summary>A durable queue.</summary>
    /// <exception cref="TopologyException">It exists otherwise.</exception>
    public static async Task QueueAsync(
        IChannel channel, string name, IDictionary<string, object?> arguments, CancellationToken cancellationToken,
        string remedy = QueueRemedy)
    {
        try
        {
            await channel.QueueDeclareAsync(
                name, durable: true, exclusive: false, autoDelete: false, arguments,
                cancellationToken: cancellationToken);
        }
        catch (OperationInterruptedException refusal) when (IsRefusal(refusal))
        {
            var expected = string.Join(", ", arguments.Select(argument => $"{argument.Key}={argument.Value}"));
            throw new TopologyException(
                $"queue {name}", $"durable=true, {expected}", refusal.ShutdownReason!.ReplyText,
                remedy, refusal);
        }
    }

    // A missing right is no difference: it is reported as such, and no queue needs to be deleted for it.
    private static bool IsRefusal(OperationInterruptedException refusal) => refusal.ShutdownReason?.ReplyCode
        is Constants.ResourceLocked or Constants.PreconditionFailed;
}

/// <summary>RabbitMQ has something of the same name that is not what the worker needs. Trying again would not
/// help.</summary>
/// <param name="what">Queue or exchange, with its name.</param>
/// <param name="expected">How the worker declares it.</param>
/// <param name="answer">What the broker says; it names the argument and what is there.</param>
/// <param name="remedy">The remedy.</param>
/// <param name="cause">The broker's refusal.</param>
internal sealed class TopologyException(string what, string expected, string answer, string remedy, Exception cause)
    : Exception($"RabbitMQ refuses the {what}: {answer}. Expected: {expected}. {remedy}.", cause)
{
    /// <summary>What is refused, and how it would be right.</summary>
    public string Refusal { get; } = $"{what}: {answer}. Expected: {expected}";

    public string Remedy { get; } = remedy;
}
