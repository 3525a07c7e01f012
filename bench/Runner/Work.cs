using RabbitMQ.Client.Events;

namespace VoiceWorker.Bench;

/// <summary>Messages by index, and how to tell which of them an audit event belongs to.</summary>
internal interface IWork
{
    string Exchange { get; }

    int Count { get; }

    byte[] Body(int index);

    Observation Observe(BasicDeliverEventArgs auditEvent);

    /// <summary>Rows that are not as all the work should have left them.</summary>
    Task<int> WrongRowsAsync(BenchDatabase database, CancellationToken cancellationToken) => Task.FromResult(0);
}

/// <summary>The businesses that the database is filled with, ids 1 … 1,000, and those that do not exist.</summary>
internal static class Businesses
{
    public const int Count = 1_000;
    private const int FirstUnknown = 1_000_000;
    private const int UnknownIds = 50;

    public static IReadOnlyList<string> Voices { get; } = ["alloy", "ash", "ballad", "coral", "sage"];

    /// <summary>Spread over all of them, neighbours in time far apart.</summary>
    public static int Known(int index) => (int)(index * 7919L % Count) + 1;

    public static int Unknown(int index) => FirstUnknown + index % UnknownIds;

    public static string VoiceOf(int id) => Voices[id % Voices.Count];

    /// <summary>The same rule for the database.</summary>
    public static string VoiceSql { get; } = $"(ARRAY['{string.Join("','", Voices)}'])[id % {Voices.Count} + 1]";
}
