using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Contracts;
using VoiceWorker.Relay;
using VoiceWorker.Servers;

namespace VoiceWorker.Boot;

/// <summary>
/// The rights at RabbitMQ that declaring does not need: to write to the default exchange, which replies and dead
/// letters go through, and to the exchanges of the audit events; to read queues.
/// </summary>
/// <remarks>RabbitMQ tells nobody what a user may do. Each right is asked for with a request that is refused in any
/// case, but for its properties only after the right has been looked at: nothing is published or consumed.</remarks>
internal sealed class RightsCheck(IOptions<ConnectionOptions> servers, TimeProvider time)
{
    /// <summary>The purpose of the right to the default exchange.</summary>
    public const string ToDefaultExchange = "replies and dead letters, write on amq.default";

    // What is no number. The broker logs it.
    private const string Refused = "voice-worker asks for its rights only";

    // In a memory or disk alarm the broker reads nothing more of a connection that has published: then nothing is
    // known.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly CreateChannelOptions Confirmed = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    // What ends the asking in an alarm comes last.
    private static readonly (string Purpose, Func<IConnection, CancellationToken, Task> Ask)[] Needed =
    [
        .. from queue in InputQueue.All.SelectMany(input => new[] { input.Name, input.Error, input.Dead })
           select Need($"consuming {queue}", (broker, token) => ConsumeAsync(broker, queue, token)),
        Need("reading what was published last", (broker, token) => ConsumeAsync(broker, PublishedMemory.Queue, token)),
        Need(ToDefaultExchange, (broker, token) => PublishAsync(broker, "", token)),
        .. from exchange in Exchanges.OfAuditEvents.Values
           select Need($"publishing to {exchange}", (broker, token) => PublishAsync(broker, exchange, token)),
    ];

    /// <summary>Asks on a connection of its own.</summary>
    /// <exception cref="RightMissingException">Names all that are missing.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (await FindMissingAsync(cancellationToken) is { Count: > 0 } missing)
            throw new RightMissingException(missing);
    }

    /// <summary>Those that are missing.</summary>
    public async Task<IReadOnlyList<MissingBrokerRight>> FindMissingAsync(CancellationToken cancellationToken)
    {
        var missing = new List<MissingBrokerRight>();
        var connection = await RabbitConnection.OpenAsync(servers.Value, "voice-worker boot", cancellationToken);
        try
        {
            foreach (var (purpose, ask) in Needed)
            {
                var asked = ask(connection, cancellationToken).WaitAsync(Patience, time, cancellationToken);
                if (await RefusalOfAsync(asked) is { } refusal)
                    missing.Add(new(purpose, ServerFailure.Describe(refusal)));
            }
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Not known. What is published later waits as well; a connection that is lost is noticed by what comes
            // next.
        }
        finally
        {
            await connection.LeaveAsync();
        }

        return missing;
    }

    private static (string Purpose, Func<IConnection, CancellationToken, Task> Ask) Need(
        string purpose, Func<IConnection, CancellationToken, Task> ask) => (purpose, ask);

    private static async Task<OperationInterruptedException?> RefusalOfAsync(Task asked)
    {
        try
        {
            await asked;
            return null;
        }
        catch (OperationInterruptedException refusal)
            when (refusal.ShutdownReason?.ReplyCode == Constants.AccessRefused)
        {
            return refusal;
        }
        catch (OperationInterruptedException refusal)
            when (refusal.ShutdownReason?.ReplyCode is Constants.PreconditionFailed or Constants.NotFound)
        {
            // It was let in as far as that.
            return null;
        }
    }

    private static async Task PublishAsync(IConnection broker, string exchange, CancellationToken cancellationToken)
    {
        var channel = await broker.CreateChannelAsync(Confirmed, cancellationToken);
        await channel.BasicPublishAsync(
            exchange, "", mandatory: true, new BasicProperties { Expiration = Refused },
            ReadOnlyMemory<byte>.Empty, cancellationToken);
    }

    private static async Task ConsumeAsync(IConnection broker, string queue, CancellationToken cancellationToken)
    {
        await using var channel = await broker.CreateChannelAsync(cancellationToken: cancellationToken);
        // Queues take a number here, and streams nothing.
        var arguments = new Dictionary<string, object?> { ["x-priority"] = Refused };
        await channel.BasicConsumeAsync(
            queue, autoAck: false, "", noLocal: false, exclusive: false, arguments,
            new AsyncEventingBasicConsumer(channel), cancellationToken);
    }
}

/// <summary>A right that the worker's user at RabbitMQ lacks.</summary>
/// <param name="Purpose">What the worker needs it for.</param>
/// <param name="Refusal">The broker's words, with user and resource, and which right it is.</param>
internal sealed record MissingBrokerRight(string Purpose, string Refusal)
{
    public override string ToString() => $"{Purpose}: {Refusal}";
}

/// <summary>The worker's user at RabbitMQ lacks rights. Trying again would not help.</summary>
/// <param name="missing">All of them.</param>
internal sealed class RightMissingException(IReadOnlyList<MissingBrokerRight> missing)
    : Exception(string.Join(Environment.NewLine, missing));
