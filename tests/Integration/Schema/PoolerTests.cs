using VoiceWorker.Infrastructure.Servers;
using VoiceWorker.Tests.Integration.Verbs;
using Xunit;

namespace VoiceWorker.Tests.Integration.Schema;

/// <summary>PgBouncer in transaction mode gives a session's lock to whoever comes next: the worker does not start there.</summary>
public sealed class PoolerTests(TestServers servers)
{
    [Theory]
    [InlineData("extra_float_digits", "unsupported startup parameter: ")]
    [InlineData("extra_float_digits, search_path, options", "the session's process is")]
    public async Task A_pooler_is_refused_with_2_and_nothing_is_written(string ignored, string reason)
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);
        await using var bouncer = await LocalPgBouncer.LaunchAsync(
            database.ConnectionString, ignored, new ServerOptions(), TestContext.Current.CancellationToken);

        var (code, output) = await VerbProcess.RunAsync(bouncer.ConnectionString, "migrate");

        Assert.True(code == 2, output);
        Assert.Contains("leads to a connection pooler such as PgBouncer", output, StringComparison.Ordinal);
        Assert.Contains(reason, output, StringComparison.Ordinal);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'voice%'"));
    }
}
