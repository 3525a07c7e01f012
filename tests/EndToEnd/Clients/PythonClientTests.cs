using Npgsql;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients;

/// <summary>The Python client, from its wheel.</summary>
[FullRun]
public sealed class PythonClientTests(PythonWheel wheel, TestServers servers) : IClassFixture<PythonWheel>
{
    [Fact]
    public async Task Its_own_tests_pass_on_real_servers()
    {
        await using var database = await servers.Migrated.CopyAsync(businesses: 10);
        var output = await Command.RunAsync(
            [
                "env", "-C", PythonWheel.Source, "PYTHONDONTWRITEBYTECODE=1", $"AMQP_URL={servers.AmqpUri}",
                $"POSTGRES_URL={SqlAlchemyUrl(database)}", wheel.Python, "-W", "error::ResourceWarning", "-m", "unittest",
            ],
            TestContext.Current.CancellationToken);

        Assert.EndsWith("OK", output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_types_are_strict() => await Command.RunAsync(
        ["env", "-C", PythonWheel.Source, "mypy", "--strict", "--cache-dir=/dev/null", "src"], TestContext.Current.CancellationToken);

    /// <summary>A database as SQLAlchemy names it.</summary>
    internal static string SqlAlchemyUrl(LegacyDatabase database)
    {
        var postgres = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        return $"postgresql+psycopg2://{postgres.Username}:{postgres.Password}@{postgres.Host}:{postgres.Port}/{postgres.Database}";
    }
}
