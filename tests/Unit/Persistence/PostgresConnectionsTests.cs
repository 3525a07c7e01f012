using Npgsql;
using VoiceWorker.Persistence;

namespace VoiceWorker.Tests.Unit.Persistence;

public sealed class PostgresConnectionsTests
{
    [Theory]
    [InlineData("Host=a,b;Database=app", 1)]
    [InlineData("postgresql://worker@a:5432,b:5433/app", 1)]
    [InlineData("Host=a,b;Database=app;Host Recheck Seconds=10", 10)]
    [InlineData("Host=a,b;Database=app;HostRecheckSeconds=3", 3)]
    public async Task Of_several_hosts_one_that_failed_is_asked_again_after_a_second(string given, int seconds)
    {
        await using var connections = new PostgresConnections(given, "public");

        Assert.Equal(seconds, new NpgsqlConnectionStringBuilder(connections.ConnectionString).HostRecheckSeconds);
    }

    [Theory]
    [InlineData("Host=a,b;Database=app", "primary")]
    [InlineData("Host=a,b;Database=app;Target Session Attributes=read-write", "read-write")]
    [InlineData("Host=a,b;Database=app;Target Session Attributes=any", "primary")]
    [InlineData("Host=a,b;Database=app;Target Session Attributes=prefer-primary", "primary")]
    [InlineData("Host=a;Database=app;Target Session Attributes=primary", null)]
    public async Task Of_several_hosts_none_but_one_that_can_be_written_to_is_used(string given, string? expected)
    {
        await using var connections = new PostgresConnections(given, "public");

        Assert.Equal(expected, new NpgsqlConnectionStringBuilder(connections.ConnectionString).TargetSessionAttributes);
    }
}
