using Npgsql;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Relay;

/// <summary>
/// What a newer version has recorded before this one leads, as after its release was taken back. It stays in the outbox
/// or in the store with all behind it until that version leads: published without it, the trail would have a gap.
/// </summary>
internal static class NewerEvents
{
    /// <summary>Names the event that a page cannot have: the store has no name for its type here.</summary>
    /// <param name="sequencing">The page.</param>
    /// <param name="session">The leader's.</param>
    /// <exception cref="UnknownEventException">There is one.</exception>
    public static async Task<IReadOnlyList<StoredEvent>> NameAsync(
        Task<IReadOnlyList<StoredEvent>> sequencing, NpgsqlConnection session, CancellationToken cancellationToken)
    {
        try
        {
            return await sequencing;
        }
        catch (PostgresException nameless) when (nameless.SqlState is PostgresErrorCodes.NotNullViolation)
        {
            throw await OutboxTable.FindUnknownAsync(session, cancellationToken) ?? (Exception)nameless;
        }
    }
}
