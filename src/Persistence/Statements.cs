using Npgsql;

namespace VoiceWorker.Persistence;

/// <summary>Statements without parameters.</summary>
internal static class Statements
{
    /// <summary>Runs statements that give nothing back.</summary>
    /// <param name="sql">One or more statements.</param>
    public static async Task ExecuteAsync(
        this NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
