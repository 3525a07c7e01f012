using Npgsql;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Persistence.Audit;
using Xunit;

namespace VoiceWorker.Tests.Faults.World;

/// <summary>The session that holds the leadership of the relay.</summary>
internal static class Leader
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Server process id of its session, once there is one other than <paramref name="former"/>.</summary>
    public static async Task<int> FindAsync(LegacyDatabase database, int former, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync();
        int? found = null;
        var isThere = await Polling.UntilAsync(async token =>
        {
            found = await RelayLeadership.FindLeaderAsync(connection, token);
            return found is not null && found != former;
        }, Patience, cancellationToken);
        Assert.True(isThere, $"nobody leads after session {former}");
        return found!.Value;
    }

    /// <summary>Ends its session; its owner learns it with its next statement.</summary>
    public static async Task DeposeAsync(LegacyDatabase database, int leader, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT pg_terminate_backend($1)", connection) { Parameters = { new() { Value = leader } } };
        await command.ExecuteScalarAsync(cancellationToken);
    }
}
