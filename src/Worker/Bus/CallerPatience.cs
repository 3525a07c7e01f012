using System.Globalization;
using MassTransit;
using RabbitMQ.Client;

namespace VoiceWorker.Bus;

/// <summary>How long a caller waits, by its own word: expirationTime of the envelope, AMQP expiration.</summary>
internal static class CallerPatience
{
    /// <summary>What is left of it; zero or less when an answer is of no use any more, null when the caller does not
    /// say.</summary>
    /// <param name="context">The request.</param>
    /// <param name="request">Its AMQP properties.</param>
    /// <param name="now">The present.</param>
    public static TimeSpan? Left(ConsumeContext context, IReadOnlyBasicProperties request, DateTimeOffset now)
    {
        var absolute =
            context.ExpirationTime is { } end ? new DateTimeOffset(end, TimeSpan.Zero) - now : (TimeSpan?)null;
        // Milliseconds in the queue at most. The broker does not tell how many of them are gone: they count from the
        // arrival.
        var relative = Milliseconds(request.Expiration) - context.ReceiveContext.ElapsedTime;
        return absolute is null || relative < absolute ? relative : absolute;
    }

    private static TimeSpan? Milliseconds(string? expiration) =>
        uint.TryParse(expiration, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds) : null;
}
