using Npgsql;

namespace VoiceWorker.Persistence.Audit;

/// <summary>For how long the oldest event waits, before each of the relay's steps; zero when none does.</summary>
/// <param name="Unsequenced">In the outbox.</param>
/// <param name="Unpublished">In the event store, and not known to be published.</param>
public readonly record struct AuditLag(TimeSpan Unsequenced, TimeSpan Unpublished)
{
    // One row of each, by its primary key, whatever the backlog. By the clock of the server that wrote them.
    private const string Sql = $"""
        SELECT coalesce((SELECT clock_timestamp() - created_at FROM voice.outbox ORDER BY id LIMIT 1), interval '0'),
               coalesce((SELECT clock_timestamp() - timestamp FROM voice_audit.mt_events
                         WHERE seq_id > (SELECT published_seq FROM voice.relay_checkpoint)
                           AND stream_id <> '{EventStore.TombstoneStream}'
                         ORDER BY seq_id LIMIT 1), interval '0')
        """;

    /// <summary>Reads it in one cheap query.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<AuditLag> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new AuditLag(reader.GetTimeSpan(0), reader.GetTimeSpan(1));
    }

    /// <summary>What it has become after a while in which it could not be read: what waited still does.</summary>
    /// <param name="elapsed">How long.</param>
    public AuditLag After(TimeSpan elapsed) => new(Grown(Unsequenced, elapsed), Grown(Unpublished, elapsed));

    private static TimeSpan Grown(TimeSpan age, TimeSpan by) => age > TimeSpan.Zero ? age + by : age;
}
