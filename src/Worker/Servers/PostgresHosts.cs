using Npgsql;
using VoiceWorker.Persistence;

namespace VoiceWorker.Servers;

/// <summary>Why none of several hosts can be used: Npgsql passes over a standby in silence, and says "no suitable
/// host".</summary>
internal static class PostgresHosts
{
    // Of each host; all are asked at the same time.
    private const int PatienceSeconds = 3;

    /// <summary>Asks each host once.</summary>
    /// <param name="settings">With several hosts.</param>
    public static async Task<NoPostgresHostException> ExplainAsync(
        NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        var judged = await Task.WhenAll(
            PostgresAddress.Of(settings).Select(host => JudgeAsync(settings, host, cancellationToken)));
        var words = ServerFailure.DescribeEach([.. judged.Select(one => ($"{one.Host}", one.Words))]);
        return new(words, isUnwritable: judged.Any(one => one.IsUnwritable));
    }

    private static async Task<(PostgresAddress Host, string Words, bool IsUnwritable)> JudgeAsync(
        NpgsqlConnectionStringBuilder settings, PostgresAddress host, CancellationToken cancellationToken)
    {
        var one = new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            Host = host.Host, Port = host.Port, Timeout = PatienceSeconds, CommandTimeout = PatienceSeconds,
        };
        one.Remove("Target Session Attributes");
        one.Remove("Load Balance Hosts");
        try
        {
            await PostgresProbe.EnsureUsableAsync(one.ConnectionString, cancellationToken);
            await using var connections = new PostgresConnections(one.ConnectionString, "public");
            await using var session = await connections.OpenAsync(cancellationToken);
            return (host, "answers", false);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            var judged = ServerFailure.Of(failure);
            return (host, judged.Words, judged.Code == PostgresErrorCodes.ReadOnlySqlTransaction);
        }
    }
}

/// <summary>None of several hosts of PostgreSQL can be used.</summary>
/// <param name="words">What each says.</param>
/// <param name="isUnwritable">Whether one answers and is a standby.</param>
internal sealed class NoPostgresHostException(string words, bool isUnwritable) : Exception(words)
{
    public bool IsUnwritable => isUnwritable;
}
