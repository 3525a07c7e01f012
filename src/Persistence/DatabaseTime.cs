using Npgsql;

namespace VoiceWorker.Persistence;

/// <summary>The clock of the server.</summary>
public static class DatabaseTime
{
    /// <summary>What time it is for the database.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<DateTimeOffset> ReadAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT clock_timestamp()", connection);
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellationToken))!);
    }
}
