using Npgsql;

namespace VoiceWorker.Persistence;

/// <summary>What a worker is to consume, as operators have it.</summary>
/// <param name="Paused">Queues that nobody is to consume.</param>
/// <param name="IsDraining">Whether this worker is to consume nothing at all.</param>
public sealed record ConsumingOrders(IReadOnlyList<string> Paused, bool IsDraining)
{
    // One round trip, as it is asked all the time.
    private const string Sql = """
        SELECT ARRAY(SELECT queue FROM voice.queue_pause ORDER BY queue),
               EXISTS (SELECT FROM voice.worker WHERE worker_id = $1 AND is_draining)
        """;

    /// <summary>Asks for them.</summary>
    public static async Task<ConsumingOrders> ReadAsync(
        NpgsqlConnection connection, Guid workerId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, connection)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = workerId } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new(reader.GetFieldValue<string[]>(0), reader.GetBoolean(1));
    }
}
